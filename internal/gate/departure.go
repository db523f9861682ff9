package gate

import (
	"slices"
	"strings"
)

// Asked records, on the stream of an environment, that GitHub asked about a
// deployment to it.
type Asked struct {
	Gate Subject `json:"gate"`
}

// Departed records, on the stream of an environment, that a deployment is being
// let go to it. Whether there is room is decided on the very version that this is
// written on, so that of two replicas one decides anew.
type Departed struct {
	Departure Departure `json:"departure"`
}

// Freed records, on the stream of an environment, that a deployment which was
// being let go was not, or has ended without having reached it.
type Freed struct {
	Gate string `json:"gate"` // the stream of its gate
}

// Kind names each event in the ledger.
func (Asked) Kind() string    { return "asked" }
func (Departed) Kind() string { return "departed" }
func (Freed) Kind() string    { return "freed" }

// Departure is a deployment that was let go to an environment and has not ended
// as far as is known.
type Departure struct {
	Gate         string `json:"gate"` // the stream of its gate
	Run          int64  `json:"run"`
	Attempt      int    `json:"attempt"`
	DeploymentID int64  `json:"deployment_id,omitempty"`
	SHA          string `json:"sha"`
}

// keptAsked bounds how many deployments an environment remembers that asked for
// it: a job that waits longer than so many later ones is found by its own gate.
const keptAsked = 200

func (s EnvironmentState) asked(g Subject) EnvironmentState {
	if s.Subject.Environment == "" {
		s.Subject = Subject{Kind: Environment, Repo: g.Repo, Environment: g.Environment}
	}
	s.Asked = append(slices.Clone(s.Asked), g)
	s.Asked = s.Asked[max(0, len(s.Asked)-keptAsked):]
	return s.heardOf(g.DeploymentID)
}

// heardOf remembers the first deployment that GitHub told of.
func (s EnvironmentState) heardOf(deployment int64) EnvironmentState {
	if deployment != 0 && (s.First == 0 || deployment < s.First) {
		s.First = deployment
	}
	return s
}

func (s EnvironmentState) departed(d Departure) EnvironmentState {
	s = s.freed(d.Gate)
	s.Departures = append(s.Departures, d)
	return s
}

func (s EnvironmentState) freed(gate string) EnvironmentState {
	s.Departures = slices.DeleteFunc(slices.Clone(s.Departures), func(o Departure) bool { return o.Gate == gate })
	return s
}

// arrived forgets the departures of deployments that ended, however they did.
func (s EnvironmentState) arrived(arrivals []Arrival) EnvironmentState {
	s.Departures = slices.DeleteFunc(slices.Clone(s.Departures), func(o Departure) bool {
		return slices.ContainsFunc(arrivals, func(a Arrival) bool { return a.ends(o) })
	})
	return s
}

func (a Arrival) ends(d Departure) bool {
	if d.DeploymentID != 0 {
		return a.DeploymentID == d.DeploymentID
	}
	return a.Gate == d.Gate && a.Run == d.Run
}

// HasDeparted reports whether the deployment of a gate is under way.
func (s EnvironmentState) HasDeparted(gate string) bool {
	return slices.ContainsFunc(s.Departures, func(o Departure) bool { return o.Gate == gate })
}

// HasEnded reports whether it is on record how a deployment ended that was let go.
func (s EnvironmentState) HasEnded(d Departure) bool {
	return slices.ContainsFunc(s.Arrivals, func(a Arrival) bool { return a.ends(d) })
}

// UnderWay counts the deployments of other runs that were let go and have not
// ended.
func (s EnvironmentState) UnderWay(run int64) int {
	n := 0
	for _, o := range s.Departures {
		if o.Run != run {
			n++
		}
	}
	return n
}

// AskedBy lists the deployments of a run to the environment, those that asked
// last, the oldest first.
func (s EnvironmentState) AskedBy(run int64) []Subject {
	return slices.DeleteFunc(slices.Clone(s.Asked), func(g Subject) bool { return g.Run != run })
}

// SameEnvironment compares names of environments as GitHub does.
func SameEnvironment(a, b string) bool { return strings.EqualFold(a, b) }
