package fakehub

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const maxActions = 3

const maxLabel = 20

const maxDescription = 40

const maxIdentifier = 20

const maxAnnotations = 50

const maxSummary = 65535

const maxMessage = 64 << 10

const maxRemarkTitle = 255

const alreadyComplete = "completed"

// CheckInput is the body of a create or an update. A nil field was not sent.
type CheckInput struct {
	Name        *string    `json:"name"`
	HeadSHA     *string    `json:"head_sha"`
	DetailsURL  *string    `json:"details_url"`
	ExternalID  *string    `json:"external_id"`
	Status      *string    `json:"status"`
	Conclusion  *string    `json:"conclusion"`
	StartedAt   *time.Time `json:"started_at"`
	CompletedAt *time.Time `json:"completed_at"`
	Output      *struct {
		Title       *string      `json:"title"`
		Summary     *string      `json:"summary"`
		Text        *string      `json:"text"`
		Annotations []Annotation `json:"annotations"`
	} `json:"output"`
	Actions *[]Action `json:"actions"`
}

// Check returns what is wrong with the fields, "" if nothing is.
func (in *CheckInput) Check(app *App) string {
	if s := in.Status; s != nil {
		switch *s {
		case "queued", "in_progress", alreadyComplete:
		case "waiting", "requested", "pending":
			if app.ID != ActionsAppID {
				return "Only GitHub Actions can set the status " + *s
			}
		default:
			return *s + " is not a status"
		}
		if *s == alreadyComplete && in.Conclusion == nil {
			return "a conclusion is required when the status is completed"
		}
	}
	if s := in.Conclusion; s != nil {
		switch *s {
		case "action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out":
		default: // stale too: only GitHub itself sets it
			return *s + " is not a conclusion that an App can set"
		}
	}
	if u := in.DetailsURL; u != nil && *u != "" && !strings.HasPrefix(*u, "http://") && !strings.HasPrefix(*u, "https://") {
		return "details_url must be an http or https URL"
	}
	if why := in.checkActions(); why != "" {
		return why
	}
	return in.checkOutput()
}

func (in *CheckInput) checkActions() string {
	if in.Actions == nil {
		return ""
	}
	if len(*in.Actions) > maxActions {
		return fmt.Sprintf("No more than %d items are allowed in actions; %d were supplied", maxActions, len(*in.Actions))
	}
	for _, a := range *in.Actions {
		if a.Label == "" || a.Description == "" || a.Identifier == "" {
			return "label, description and identifier of an action are required"
		}
		if Long(a.Label, maxLabel) || Long(a.Description, maxDescription) || Long(a.Identifier, maxIdentifier) {
			return fmt.Sprintf("An action takes %d characters of label, %d of description and %d of identifier", maxLabel,
				maxDescription, maxIdentifier)
		}
	}
	return ""
}

// Long says whether a text has more characters than a limit.
func Long(s string, limit int) bool { return utf8.RuneCountInString(s) > limit }

func (in *CheckInput) checkOutput() string {
	o := in.Output
	if o == nil {
		return ""
	}
	switch {
	case o.Summary == nil:
		return "output.summary is required"
	case Long(*o.Summary, maxSummary):
		return "Only 65535 characters are allowed in output.summary"
	case o.Text != nil && Long(*o.Text, maxSummary):
		return "Only 65535 characters are allowed in output.text"
	case len(o.Annotations) > maxAnnotations:
		return fmt.Sprintf("No more than %d items are allowed in output.annotations; %d were supplied", maxAnnotations, len(o.Annotations))
	}
	for _, a := range o.Annotations {
		if why := a.check(); why != "" {
			return why
		}
	}
	return ""
}

func (a Annotation) check() string {
	switch {
	case a.Path == "" || a.Message == "":
		return "path and message of an annotation are required"
	case a.StartLine < 1 || a.EndLine < a.StartLine:
		return "start_line must be 1 or more, and end_line not before it"
	case a.Level != "notice" && a.Level != "warning" && a.Level != "failure":
		return "annotation_level must be notice, warning or failure"
	case (a.StartColumn != nil || a.EndColumn != nil) && a.StartLine != a.EndLine:
		return "columns are allowed only where start_line and end_line are the same"
	case len(a.Message) > maxMessage || len(a.RawDetails) > maxMessage:
		return "message and raw_details of an annotation take 64 KB"
	case Long(a.Title, maxRemarkTitle):
		return "the title of an annotation takes 255 characters"
	}
	return ""
}

// Apply writes the fields that were sent into the run and says whether it
// completed. A conclusion completes the run whatever its status says; a run
// that has completed does not go back, and keeps its conclusion until it gets
// another. What was annotated before stays.
func (in *CheckInput) Apply(c *Check, now time.Time) (done bool) {
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&c.detailsURL, in.DetailsURL)
	set(&c.externalID, in.ExternalID)
	if in.Status != nil && c.status != alreadyComplete {
		c.status = *in.Status
	}
	c.Suite.Rerequested = false
	if in.StartedAt != nil {
		c.started = *in.StartedAt
	} else if c.started.IsZero() {
		c.started = now
	}
	if in.Conclusion != nil {
		done = true
		c.status, c.conclusion, c.completed = alreadyComplete, *in.Conclusion, now
		if c.started.IsZero() {
			c.started = now
		}
	}
	if in.CompletedAt != nil && c.status == alreadyComplete {
		c.completed = *in.CompletedAt
	}
	if o := in.Output; o != nil {
		set(&c.title, o.Title)
		set(&c.summary, o.Summary)
		set(&c.text, o.Text)
		c.Annotations = append(c.Annotations, o.Annotations...)
	}
	if in.Actions != nil {
		c.actions = *in.Actions
	}
	c.paint()
	return done
}
