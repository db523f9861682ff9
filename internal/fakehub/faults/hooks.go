package faults

import (
	"slices"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/random"
)

// HookFaultKind says what goes wrong with a webhook.
type HookFaultKind int

// What can go wrong with a webhook.
const (
	Drop      HookFaultKind = iota // never sent, and not in the log
	Duplicate                      // sent twice, with one GUID
	Delay                          // sent HookFault.Delay of real time later: others overtake it
	// Fail does not reach the App: the log has it with HookFault.Code, 0 for no
	// connection, and it can be delivered again.
	Fail
	// Late is sent when HookFault.Delay of the hub's clock has passed, by
	// Hub.Tick.
	Late
)

// HookFault is one thing that goes wrong with webhooks.
type HookFault struct {
	Event, Action string // "" is every one
	Kind          HookFaultKind
	Times         int
	Probability   float64
	Delay         time.Duration // a random part of it, where Probability is set
	Code          int           // of Fail
}

// Fate is what becomes of a delivery.
type Fate struct {
	Copies      int
	Delay, Late time.Duration
	Failed      bool
	Code        int // of what failed
}

// HookTable has the faults of webhooks that are in force.
type HookTable struct {
	random *random.Source

	mu   sync.Mutex
	list []*HookFault
}

// NewHookTable has no faults yet.
func NewHookTable(source *random.Source) *HookTable { return &HookTable{random: source} }

// InjectHook puts a fault of webhooks in force; the function ends it.
func (t *HookTable) InjectHook(f HookFault) (remove func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	entry := &f
	if f.Times == 0 {
		f.Times = -1
	}
	t.list = append(t.list, entry)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.list = slices.DeleteFunc(t.list, func(o *HookFault) bool { return o == entry })
	}
}

// Take says how many copies of a delivery are sent, and how.
func (t *HookTable) Take(event, action string) Fate {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.list {
		if f.Times == 0 || f.Event != "" && f.Event != event || f.Action != "" && f.Action != action ||
			f.Probability > 0 && t.random.Float() >= f.Probability {
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		delay := f.Delay
		if f.Probability > 0 {
			delay = time.Duration(float64(f.Delay) * t.random.Float())
		}
		switch f.Kind {
		case Drop:
			return Fate{}
		case Duplicate:
			return Fate{Copies: 2}
		case Fail:
			return Fate{Copies: 1, Failed: true, Code: f.Code}
		case Late:
			return Fate{Copies: 1, Late: delay}
		}
		return Fate{Copies: 1, Delay: delay}
	}
	return Fate{Copies: 1}
}
