package wire

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// Account is who did something, as REST and webhooks name them.
type Account struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
	Type  string `json:"type"`
}

// GateActor is the account for a record, its words held to a length.
func (a Account) GateActor() gate.Actor {
	return gate.Actor{Login: Clip(a.Login, 200), ID: a.ID, Type: Clip(a.Type, 40)}
}

// ChangeActor is the account as one that took part in a change.
func (a Account) ChangeActor() change.Actor {
	return change.Actor{Login: a.Login, ID: a.ID, Type: change.ActorType(a.Type)}
}

// AccountFragment is what a query of GraphQL asks of an Actor to fill a GraphActor.
const AccountFragment = `fragment Account on Actor {
  __typename
  login
  ... on User { databaseId }
  ... on Bot { databaseId }
  ... on Mannequin { databaseId }
  ... on Organization { databaseId }
}`

// GraphActor is an Actor of GraphQL: null where the account was deleted.
type GraphActor struct {
	Type  string `json:"__typename"`
	Login string `json:"login"`
	ID    int64  `json:"databaseId"`
}

// ChangeActor gives a deleted account GitHub's own name for it, and no type.
func (a *GraphActor) ChangeActor() change.Actor {
	if a == nil {
		return change.Actor{Login: "ghost"}
	}
	return change.Actor{Login: actorLogin(a.Login, a.Type), ID: a.ID, Type: change.ActorType(a.Type)}
}

// actorLogin gives a bot the login that REST and webhooks show: GraphQL leaves
// out the suffix.
func actorLogin(login, kind string) string {
	if kind == string(change.Bot) && !strings.HasSuffix(login, "[bot]") {
		return login + "[bot]"
	}
	return login
}
