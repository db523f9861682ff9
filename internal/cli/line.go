package cli

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
)

// changeLine is a change as one line of JSON. Texts are whole, or null where
// the file does not exist on that side.
type changeLine struct {
	ID             string       `json:"id"`
	Repository     string       `json:"repository"`
	HeadRepository string       `json:"head_repository"`
	Number         int          `json:"number"`
	Base           string       `json:"base"`
	Head           string       `json:"head"`
	BaseRef        string       `json:"base_ref"`
	HeadRef        string       `json:"head_ref"`
	Title          string       `json:"title"`
	Body           string       `json:"body"`
	Labels         []string     `json:"labels"`
	Author         change.Actor `json:"author"`
	Commits        []commitLine `json:"commits"`
	Files          []fileLine   `json:"files"`
	// CodeOwners is CODEOWNERS at the base; null where there is none.
	CodeOwners *string     `json:"codeowners"`
	Issues     []issueLine `json:"issues"` // that the change resolves
}

type issueLine struct {
	Repository string        `json:"repository"` // the change's where empty
	Number     int           `json:"number"`
	Title      string        `json:"title"`
	Body       string        `json:"body"`
	URL        string        `json:"url"`
	Author     change.Actor  `json:"author"`
	Editor     *change.Actor `json:"editor"` // of the newest edit; null: nobody edited it
}

type commitLine struct {
	SHA       string     `json:"sha"`
	Message   string     `json:"message"`
	Author    personLine `json:"author"`
	Committer personLine `json:"committer"`
	Verified  bool       `json:"verified"`
}

type personLine struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Login string `json:"login"`
	ID    int64  `json:"id"`
	Type  string `json:"type"`
}

type fileLine struct {
	Path         string  `json:"path"`
	PreviousPath string  `json:"previous_path"`
	Status       string  `json:"status"`
	Mode         string  `json:"mode"`
	PreviousMode string  `json:"previous_mode"`
	Before       *string `json:"before"`
	After        *string `json:"after"`
}

func (l changeLine) change() change.Change {
	c := change.Change{
		ID: l.ID, Repository: l.Repository, HeadRepository: l.HeadRepository, Number: l.Number,
		Base: l.Base, Head: l.Head, BaseRef: l.BaseRef, HeadRef: l.HeadRef,
		Title: l.Title, Body: l.Body, Labels: l.Labels, Author: l.Author, Vouched: true,
	}
	c.Owners.State = change.RulesAbsent
	if l.CodeOwners != nil {
		c.Owners = change.RulesFile{State: change.RulesFound, Name: "CODEOWNERS", Text: []byte(*l.CodeOwners)}
	}
	for _, k := range l.Commits {
		c.Commits = append(c.Commits, change.Commit{
			SHA: k.SHA, Message: k.Message, Verified: k.Verified,
			Author: k.Author.person(), Committer: k.Committer.person(),
		})
	}
	for _, f := range l.Files {
		c.Files = append(c.Files, f.file())
	}
	for _, i := range l.Issues {
		c.Issues = append(c.Issues, change.Issue{
			Repository: i.Repository, Number: i.Number, Title: i.Title, Body: i.Body, URL: i.URL, Author: i.Author, Editor: i.Editor,
		})
	}
	return c
}

func (p personLine) person() change.Person {
	return change.Person{Name: p.Name, Email: p.Email, Login: p.Login, ID: p.ID, Type: change.ActorType(p.Type)}
}

func (l fileLine) file() change.File {
	f := change.File{
		Path: l.Path, PreviousPath: l.PreviousPath, Status: change.Status(l.Status),
		Mode: l.Mode, PreviousMode: l.PreviousMode,
		Before: text(l.Before), After: text(l.After),
	}
	if f.Status == "" {
		f.Status = statusOf(l)
	}
	if f.PreviousMode == "" && l.Before != nil {
		f.PreviousMode = change.ModeFile
	}
	if f.Mode == "" && l.After != nil {
		f.Mode = change.ModeFile
	}
	return f
}

// statusOf says from the two sides what happened, where the line does not.
func statusOf(l fileLine) change.Status {
	switch {
	case l.Before == nil && l.After != nil:
		return change.Added
	case l.After == nil && l.Before != nil:
		return change.Removed
	case l.PreviousPath != "" && l.PreviousPath != l.Path:
		return change.Renamed
	}
	return change.Modified
}

func text(s *string) change.Text {
	if s == nil {
		return change.NoText()
	}
	if strings.IndexByte(*s, 0) >= 0 {
		return change.Text{State: change.Unreadable, Reason: "binary"}
	}
	return change.TextOf(*s)
}
