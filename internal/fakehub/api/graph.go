package api

import (
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/graph"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
)

func graphRoutes() []route {
	return []route{{method: "POST", template: graphPath, who: access.ByToken, fn: query}}
}

// query answers POST /graphql.
func query(c *call) answer {
	var in graph.Input
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	if in.Query == "" {
		return badRequest("A query attribute must be specified and must be a string.")
	}
	return graphAnswer(c.server.Graph.Answer(c, in))
}

func graphAnswer(status int, body []byte) answer { return answer{status: status, body: body} }

// againstSchema asks the contract about a query, before the state is locked.
func (s *Server) againstSchema(c *call) (refused answer, bad bool) {
	var in graph.Input
	if !c.decode(&in) || in.Query == "" {
		return answer{}, false
	}
	err := s.Hub.Options.Contract.Query(in.Query)
	if err == nil {
		return answer{}, false
	}
	s.Hub.Journal.Violate("query: " + err.Error())
	return graphAnswer(graph.Against(err)), true
}

// Caller is who asks.
func (c *call) Caller() access.Caller { return c.auth }

// Behind is what GraphQL reads of the past.
func (c *call) Behind(kind lag.Reads, r *fakehub.Repo) (back func()) { return c.look.Behind(kind, r) }

// Charge takes points beyond the one of the request.
func (c *call) Charge(points int) bool {
	charged, _ := c.server.Quotas.bucket(c).charge(c.hub.Now(), points, 0, c.route)
	return charged
}

// Quota is what the caller has of points.
func (c *call) Quota() graph.Quota {
	b := c.server.Quotas.bucket(c)
	b.mu.Lock()
	defer b.mu.Unlock()
	return graph.Quota{Of: b.who, Limit: b.limit, Used: b.used, Reset: b.reset}
}
