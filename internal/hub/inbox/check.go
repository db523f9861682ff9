package inbox

import (
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

type checkReference struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	SHA  string `json:"head_sha"`
	App  struct {
		ID int64 `json:"id"`
	} `json:"app"`
}

// checkRun takes what was done to a check run of ours.
//
// A rerequest comes from people and machines alike (anybody who can write
// checks may send one): it is a reason to look again and nothing else. A button
// of our own check is said with its sender; whether that counts is decided
// where it is known who may. GitHub does not say what state the run is in that
// a button was pressed on, so every click is taken in.
func (in *Inbox) checkRun(p payload, _ []byte) ([]gate.Seen, error) {
	switch {
	case p.CheckRun.App.ID != in.appID:
		return nil, nil
	case p.Action == "rerequested":
		return p.check("check_run", p.CheckRun)
	case p.Action != "requested_action" || !ourCheck(p.CheckRun.Name):
		return nil, nil
	}
	button, nonce, ours := gate.ReadButton(p.Requested.Identifier)
	if !ours {
		return nil, nil
	}
	pressed, err := p.check("check_run", p.CheckRun)
	for i := range pressed {
		pressed[i].Button, pressed[i].Nonce = button, nonce
	}
	return pressed, err
}

func (in *Inbox) checkSuite(p payload, _ []byte) ([]gate.Seen, error) {
	if p.Action != "rerequested" || p.CheckSuite.App.ID != in.appID {
		return nil, nil
	}
	return p.check("check_suite", checkReference{SHA: p.CheckSuite.SHA})
}

// ourCheck reports whether a check run by this name shows gates.
func ourCheck(name string) bool {
	environment, named := strings.CutPrefix(name, gate.RunCheck+" to ")
	_, lane := gate.LaneOfCheck(name)
	return name == gate.RunCheck || named && wire.IsEnvironment(environment) || lane
}

// check is what was done to a check run: no run is named where its id is 0.
func (p payload) check(event string, c checkReference) ([]gate.Seen, error) {
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	if !wire.IsSHA(c.SHA) {
		return nil, refused("payload_invalid", "The event names no commit.")
	}
	s := gate.Seen{
		Subject: gate.Subject{Kind: gate.Check, Repo: repo, SHA: c.SHA},
		Event:   event, Action: p.Action, Sender: p.sender(), Head: c.SHA,
		Run: max(c.ID, 0), RepoAt: p.Repository.Updated.Time,
	}
	if ourCheck(c.Name) && c.Name != gate.CheckName {
		s.Subject.Name = c.Name // as it was published, to the letter: it names the stream
	}
	return []gate.Seen{s}, nil
}
