package site

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/graph"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
)

// Weather makes one of the things happen that happen to GitHub and to the way
// there, and says whics. end ends it. Scripts of tests that draw their steps
// draw these with them: the same numbers give the same weather, except for
// what is struck by chance, which Options.Seed decides.
//
// Lags are by the hub's clock and short, faults and webhooks that fail are of
// real time and end by themselves or with end; nothing of it keeps an App that
// asks again from being told the truth in the end.
func (s *Hub) Weather(random *rand.Rand) (what string, end func()) {
	switch random.IntN(4) {
	case 0:
		f := stormyHooks[random.IntN(len(stormyHooks))]
		return fmt.Sprintf("webhooks: %+v", f), s.InjectHook(f)
	case 1:
		f := stormyRequests[random.IntN(len(stormyRequests))]
		return fmt.Sprintf("requests: %s %d %d", f.Route, f.Kind, f.Code), s.Inject(f).Remove
	case 2:
		s.SetHeavy(graph.Heavy{Nodes: 20 + random.IntN(400)})
		return "heavy queries fail", func() { s.SetHeavy(graph.Heavy{}) }
	}
	l := RandomLag(random)
	return fmt.Sprintf("lag: %+v", l), s.Lag(l).CatchUp
}

// RandomLag is a lag of some kind of read, or of all, by one API or both, for a
// few answers, a few seconds, or always a few seconds behind; now and then it
// is writes that come too early.
func RandomLag(random *rand.Rand) lag.Lag {
	kinds := []lag.Reads{0, lag.Pulls, lag.Refs, lag.Contents | lag.Commits, lag.Checks, lag.Rules, lag.People,
		lag.Repositories, lag.Runs | lag.Deployments, lag.Activity, lag.Pulls | lag.Refs}
	l := lag.Lag{Of: kinds[random.IntN(len(kinds))], Via: lag.API(random.IntN(3))}
	switch random.IntN(4) {
	case 0:
		l.Times = 1 + random.IntN(3)
	case 1:
		l.For = time.Duration(1+random.IntN(20)) * time.Second
	case 2:
		l.Behind = time.Duration(1+random.IntN(10)) * time.Second
	case 3:
		l.Times, l.Writes = 1+random.IntN(2), true
	}
	return l
}

var stormyHooks = []faults.HookFault{
	{Kind: faults.Duplicate, Probability: 0.5},
	{Kind: faults.Late, Delay: 10 * time.Minute, Probability: 0.4},
	{Kind: faults.Fail, Code: 502, Probability: 0.4},
	{Kind: faults.Fail, Times: 2},
	{Kind: faults.Drop, Times: 1},
	{Event: "check_run", Action: "requested_action", Kind: faults.Late, Delay: time.Hour, Times: 2},
	{Event: "check_run", Action: "requested_action", Kind: faults.Fail, Code: 504, Times: 1},
	{Event: "pull_request", Kind: faults.Late, Delay: time.Minute, Probability: 0.6},
	{Event: "push", Kind: faults.Drop, Probability: 0.5},
}

var stormyRequests = []faults.Fault{
	{Route: "* /repos/*", Kind: faults.Status, Code: 502, Probability: 0.3},
	{Route: "POST /graphql", Kind: faults.Status, Code: 502, Probability: 0.3},
	{Route: "POST /graphql", Asks: "headRefOid", Kind: faults.Status, Code: 502, Times: 2},
	{Route: "POST /repos/*/check-runs", Kind: faults.LostAnswer, Probability: 0.5},
	{Route: "PATCH *", Asks: `"conclusion"`, Kind: faults.LostAnswer, Times: 1},
	{Kind: faults.SecondaryLimit, RetryAfter: 2 * time.Second, Times: 2},
	{Kind: faults.PrimaryLimit, RetryAfter: time.Minute, Times: 1},
	{Kind: faults.Malformed, Probability: 0.1},
	{Kind: faults.LostRequest, Probability: 0.15},
}
