package env

import (
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
)

// keptAsked bounds how many deployments an environment remembers that asked for
// it: a job that waits longer than so many later ones is found by its own gate.
const keptAsked = 200

func (s State) asked(g gate.Subject) State {
	if s.Subject.Environment == "" {
		s.Subject = gate.Subject{Kind: gate.Environment, Repo: g.Repo, Environment: g.Environment}
	}
	s.Asked = append(slices.Clone(s.Asked), g)
	s.Asked = s.Asked[max(0, len(s.Asked)-keptAsked):]
	return s.heardOf(g.DeploymentID)
}

// heardOf remembers the first deployment that GitHub told of.
func (s State) heardOf(deployment int64) State {
	if deployment != 0 && (s.First == 0 || deployment < s.First) {
		s.First = deployment
	}
	return s
}

func (s State) departed(d gate.Departure) State {
	s = s.freed(d.Gate)
	s.Departures = append(s.Departures, d)
	return s
}

func (s State) freed(stream string) State {
	s.Departures = slices.DeleteFunc(slices.Clone(s.Departures), func(o gate.Departure) bool { return o.Gate == stream })
	return s
}

// arrived forgets the departures of deployments that ended, however they did.
func (s State) arrived(arrivals []gate.Arrival) State {
	s.Departures = slices.DeleteFunc(slices.Clone(s.Departures), func(o gate.Departure) bool {
		return slices.ContainsFunc(arrivals, func(a gate.Arrival) bool { return a.Ends(o) })
	})
	return s
}

// HasDeparted reports whether the deployment of a gate is under way.
func (s State) HasDeparted(stream string) bool {
	return slices.ContainsFunc(s.Departures, func(o gate.Departure) bool { return o.Gate == stream })
}

// HasEnded reports whether it is on record how a deployment ended that was let go.
func (s State) HasEnded(d gate.Departure) bool {
	return slices.ContainsFunc(s.Arrivals, func(a gate.Arrival) bool { return a.Ends(d) })
}

// Found reports whether an arrival is on record because GitHub was asked: the event
// that tells of it comes later, and says nothing more.
func (s State) Found(a gate.Arrival) bool {
	return a.Run != 0 && slices.ContainsFunc(s.Arrivals, func(o gate.Arrival) bool {
		return o.Found && o.DeploymentID == a.DeploymentID && o.Run == a.Run && o.SHA == a.SHA && o.Failed == a.Failed
	})
}

// UnderWay counts the deployments of other runs that were let go and have not
// ended.
func (s State) UnderWay(run int64) int {
	n := 0
	for _, o := range s.Departures {
		if o.Run != run {
			n++
		}
	}
	return n
}

// Going lists the commits of other runs' deployments that were let go and have not
// ended, each once, those that were let go last at the end.
func (s State) Going(run int64) []string {
	var out []string
	for _, o := range s.Departures {
		if o.Run == run {
			continue
		}
		out = append(slices.DeleteFunc(out, func(sha string) bool { return sha == o.SHA }), o.SHA)
	}
	return out
}

// AskedBy lists the deployments of a run to the environment, those that asked
// last, the oldest first.
func (s State) AskedBy(run int64) []gate.Subject {
	return slices.DeleteFunc(slices.Clone(s.Asked), func(g gate.Subject) bool { return g.Run != run })
}
