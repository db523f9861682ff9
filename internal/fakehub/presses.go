package fakehub

import (
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Painting is a check run as it was shown for a while: from when it was made
// or updated until the next update.
type Painting struct {
	At                 time.Time
	Status, Conclusion string
	Title, Summary     string
	ExternalID         string
	Actions            []Action
}

// Painted is a painting among all that were made.
type Painted struct {
	Repo, App          int64
	Run                int64
	Number             int // place in Paintings of the run
	SHA, Name          string
	Status, Conclusion string
}

// Painted are all paintings of all check runs from the nth on, in the order in
// which they were made: whoever notes how many there were before and after
// doing something knows which of them can have come of it.
func (h *Hub) Painted(n int) []Painted {
	h.State.RLock()
	defer h.State.RUnlock()
	return slices.Clone(h.painted[min(n, len(h.painted)):])
}

// Press is somebody's press of a button, as it was made in a browser: whatever
// becomes of its webhook, this is the order in which people pressed, and what
// each of them saw.
type Press struct {
	By         *Account
	RunID      int64
	Painting   int // place in Paintings of the run
	Identifier string
	Label      string
	At         time.Time
}

// paint notes what a run shows from now on.
func (c *Check) paint() {
	h := c.Repo.hub
	h.painted = append(h.painted, Painted{Repo: c.Repo.ID, App: c.Suite.App.ID, Run: c.id, Number: len(c.paintings), SHA: c.SHA,
		Name: c.Name, Status: c.status, Conclusion: c.conclusion})
	c.paintings = append(c.paintings, Painting{At: c.Repo.hub.Now(), Status: c.status, Conclusion: c.conclusion,
		Title: c.title, Summary: c.summary, ExternalID: c.externalID, Actions: slices.Clone(c.actions)})
}

// Paintings are all that a check run has shown, oldest first; the last is what
// it shows now.
func (h *Hub) Paintings(runID int64) []Painting {
	h.State.RLock()
	defer h.State.RUnlock()
	if c := h.ChecksByID[runID]; c != nil {
		return slices.Clone(c.paintings)
	}
	return nil
}

// Presses are all that were made, in the order in which people made them.
func (h *Hub) Presses() []Press {
	h.State.RLock()
	defer h.State.RUnlock()
	return slices.Clone(h.presses)
}

// Press presses the button that a check run shows now under a label.
func (h *Hub) Press(runID int64, label string, by *Account) error {
	h.State.Lock()
	defer h.State.Unlock()
	return h.pressButton(runID, -1, by, func(a Action) bool { return a.Label == label }, fmt.Sprintf("labelled %q", label))
}

// PressPainted presses the button that a painting showed under a label, -1
// being the newest: the presser's browser has not loaded what came since.
// Whether GitHub takes such a press it does not say; here it is taken.
func (h *Hub) PressPainted(runID int64, painting int, label string, by *Account) error {
	h.State.Lock()
	defer h.State.Unlock()
	return h.pressButton(runID, painting, by, func(a Action) bool { return a.Label == label }, fmt.Sprintf("labelled %q", label))
}

// Click presses a button of a check run by its identifier. Who may do so GitHub
// does not say; here everybody may, and the App has to look at the sender.
func (h *Hub) Click(runID int64, identifier string, by *Account) error {
	h.State.Lock()
	defer h.State.Unlock()
	return h.pressButton(runID, -1, by, func(a Action) bool { return a.Identifier == identifier }, fmt.Sprintf("%q", identifier))
}

func (h *Hub) pressButton(runID int64, painting int, by *Account, meant func(Action) bool, called string) error {
	c := h.ChecksByID[runID]
	if c == nil {
		return fmt.Errorf("there is no check run %d", runID)
	}
	if err := c.Repo.Refused(); err != nil {
		return err
	}
	if painting < 0 {
		painting = len(c.paintings) - 1
	}
	if painting >= len(c.paintings) {
		return fmt.Errorf("check run %d has shown %d paintings, and none is number %d", runID, len(c.paintings), painting)
	}
	shown := c.paintings[painting].Actions
	i := slices.IndexFunc(shown, meant)
	if i < 0 {
		return fmt.Errorf("check run %d has no button %s", runID, called)
	}
	h.presses = append(h.presses, Press{By: by, RunID: runID, Painting: painting,
		Identifier: shown[i].Identifier, Label: shown[i].Label, At: h.Now()})
	c.Emit("requested_action", by, "requested_action", wire.Object{"identifier", shown[i].Identifier})
	return nil
}
