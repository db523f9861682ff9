package graph

import (
	"net/http"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Heavy is what a GraphQL query may weigh. GitHub gives up on one that takes
// it too long, with HTTP 502 instead of an entry of errors; here it is one that
// looks at more objects, or whose answer is longer. Zero bounds nothing.
type Heavy struct {
	Nodes, Bytes int
}

// SetHeavy says from when on queries are too heavy.
func (g *Graph) SetHeavy(heavy Heavy) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.heavy = heavy
}

// weighed spoils the answer to a query that weighs too much.
func (x *execution) weighed(body []byte) (status int, answer []byte) {
	x.graph.mu.Lock()
	bound := x.graph.heavy
	x.graph.mu.Unlock()
	if (bound.Nodes == 0 || x.nodes <= bound.Nodes) && (bound.Bytes == 0 || len(body) <= bound.Bytes) {
		return http.StatusOK, body
	}
	return http.StatusBadGateway, wire.Encode(wire.Object{"data", nil, "errors", wire.List{wire.Object{"message",
		"Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug. " +
			"Please include `FAKE:0000` when reporting this issue."}}})
}
