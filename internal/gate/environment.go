package gate

import (
	"slices"
	"time"
)

// Landed records, on the stream of an environment, what reached it.
type Landed struct {
	Covers   uint64    `json:"covers"`
	Arrivals []Arrival `json:"arrivals,omitempty"`
	// Unsure are the statuses, by version, that are looked at again: GitHub does
	// not say yet that the job has ended which they are of.
	Unsure []uint64 `json:"unsure,omitempty"`
}

// Kind names the event in the ledger.
func (Landed) Kind() string { return "landed" }

// Arrival is a deployment that succeeded, or failed: as the job did that made it,
// and as its status says where no job did.
type Arrival struct {
	DeploymentID int64     `json:"deployment_id"`
	SHA          string    `json:"sha"`
	Run          int64     `json:"run,omitempty"` // 0: no workflow run made it
	At           time.Time `json:"at"`
	By           Actor     `json:"by"`
	// Gate is the stream of the gate that it passed; empty where there was
	// none, or where it went by it.
	Gate string `json:"gate,omitempty"`
	// Approved says that people approved it, or its going back to what they
	// had approved.
	Approved bool `json:"approved,omitempty"`
	// Failed says that it did not succeed: nobody knows then what runs there.
	Failed bool `json:"failed,omitempty"`
	// Again says that it was heard of this deployment before how it ended. A
	// status can be written by whoever may write deployments, and as often as
	// they like: what went out once does not go out again by that.
	Again bool `json:"again,omitempty"`
	// Found says that no event told of its end: it stands by At among the others,
	// which may have ended since.
	Found bool `json:"found,omitempty"`
}

// keptArrivals bounds how far back an environment remembers, for going back:
// so many that passed a gate, and so many that did not, of which anybody who may
// write deployments can make as many as they like.
const keptArrivals = 200

// EnvironmentState is what runs in an environment: the fold of its stream.
type EnvironmentState struct {
	Subject Subject
	Version uint64

	Wanted   uint64 // version of the newest status that was not looked at
	Covered  uint64
	Waiting  []Noted
	Arrivals []Arrival // oldest first, the last few
	Failure  *Failed

	Asked      []Subject   // deployments that asked for it, oldest first, the last few
	Departures []Departure // deployments that were let go and have not ended

	// First is the first deployment that GitHub told of, by its id: ids grow. 0
	// where it told of none.
	First int64
}

// Noted is something that was seen, with its place.
type Noted struct {
	Seen
	Ours    bool // gatehold itself noticed it: Action is what
	Version uint64
	At      time.Time
}

// After is the state once e has happened.
func (s EnvironmentState) After(e Entry) EnvironmentState {
	s.Version = e.Version
	switch ev := e.Event.(type) {
	case Seen:
		s.Subject, s.Wanted = ev.Subject, e.Version
		s.Waiting = append(slices.Clone(s.Waiting), Noted{Seen: ev, Version: e.Version, At: e.At})
		s.Failure = unlessFinal(s.Failure)
		if ev.Event == "deployment" {
			s = s.heardOf(ev.Subject.DeploymentID)
		}
	case Asked:
		s = s.asked(ev.Gate)
	case Departed:
		s = s.departed(ev.Departure)
	case Freed:
		s = s.freed(ev.Gate)
	case Landed:
		s.Covered, s.Failure = ev.Covers, nil
		s.Waiting = slices.DeleteFunc(slices.Clone(s.Waiting), func(n Noted) bool {
			return n.Version <= ev.Covers && !slices.Contains(ev.Unsure, n.Version)
		})
		s = s.landed(ev.Arrivals).arrived(ev.Arrivals)
	case Failed:
		s.Failure = &ev
	}
	return s
}

func (s EnvironmentState) landed(arrivals []Arrival) EnvironmentState {
	s.Arrivals = slices.Clone(s.Arrivals)
	for _, a := range arrivals {
		a.Again = a.DeploymentID != 0 && slices.ContainsFunc(s.Arrivals, func(o Arrival) bool { return o.DeploymentID == a.DeploymentID })
		at := len(s.Arrivals)
		for a.Found && at > 0 && s.Arrivals[at-1].At.After(a.At) {
			at--
		}
		s.Arrivals = slices.Insert(s.Arrivals, at, a)
	}
	kept := map[bool]int{}
	for i := len(s.Arrivals) - 1; i >= 0; i-- {
		passed := s.Arrivals[i].Gate != "" && !s.Arrivals[i].Again
		if kept[passed]++; kept[passed] > keptArrivals {
			s.Arrivals = slices.Delete(s.Arrivals, i, i+1)
		}
	}
	return s
}

// Due is what the environment wants done, and not before when; a zero time is
// at once.
func (s EnvironmentState) Due() (Step, time.Time) {
	switch {
	case s.Wanted <= s.Covered && len(s.Waiting) == 0:
		return Nothing, time.Time{}
	case s.Failure == nil:
		return RecordDeployment, time.Time{}
	case s.Failure.Next.IsZero():
		return Nothing, time.Time{}
	}
	return RecordDeployment, s.Failure.Next
}

// Last is what reached the environment last; nil where nothing is known of it.
func (s EnvironmentState) Last() *Arrival {
	return s.newest(func(a *Arrival) bool { return !a.Failed })
}

// Passed is the last arrival that passed a gate: what came after it and did
// not is part of what the next deployment is judged for.
func (s EnvironmentState) Passed() *Arrival {
	return s.newest(func(a *Arrival) bool { return !a.Failed && a.Gate != "" && !a.Again })
}

// WasApproved is the last approved arrival of a commit, or nil.
func (s EnvironmentState) WasApproved(sha string) *Arrival {
	return s.newest(func(a *Arrival) bool { return !a.Failed && a.Approved && a.SHA == sha && !a.Again })
}

// Bypassed are the arrivals after the last one that passed a gate.
func (s EnvironmentState) Bypassed() []Arrival {
	var out []Arrival
	for _, a := range s.Arrivals {
		switch {
		case a.Gate != "" && !a.Failed && !a.Again:
			out = nil
		case a.Gate == "" && !a.Failed:
			out = append(out, a)
		}
	}
	return out
}

func (s EnvironmentState) newest(match func(*Arrival) bool) *Arrival {
	for i := len(s.Arrivals) - 1; i >= 0; i-- {
		if match(&s.Arrivals[i]) {
			return &s.Arrivals[i]
		}
	}
	return nil
}
