// Package credentials gives a workload a short credential for one task, while the gate of
// that task stands open, and ends it with the task.
//
// Everything is refused that the rules do not allow, and each refusal is on record. What
// is given is announced on the workload's stream before it is made, and is on record
// before anybody has it: a process that is killed leaves nothing alive that nobody knows
// of. What it hangs on is looked at when something happens to it, and at least once a
// minute; the same judgement that gave it then says whether it stands.
package credentials

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/credential"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Verifier proves who asks.
type Verifier interface {
	// Verify is the workload of an identity token of a trusted issuer. Its errors are
	// *gate.Error, with nothing of the token in them.
	Verify(ctx context.Context, token string) (gate.Workload, error)
}

// Rules are those in force.
type Rules interface {
	// Now are the rules of a repository's default branch, not older than a minute. commit
	// is one of its commits, empty where none is known.
	Now(ctx context.Context, repo gate.Repo, commit string) (*policy.Rules, error)
}

// Jobs tells of jobs that run.
type Jobs interface {
	// Running is nil where a job is in progress, in the run and attempt that it says, of
	// the commit and the workflow that it says. Else its error is Final, or one to try
	// again.
	Running(ctx context.Context, repo gate.Repo, job gate.WorkflowJob) error
}

// Mint makes installation tokens, of the App that holds what may be given.
type Mint interface {
	// Token makes one for repositories of an owner, of whom one is known: by their ids, and
	// by names whose ids are told.
	Token(ctx context.Context, of gate.Repo, ids []int64, names []string, permissions map[string]string) (
		token string, expires time.Time, repositories []int64, err error)
	// Revoke ends one, and tells GitHub's answer, and its answer to the token afterwards.
	// One that GitHub did not know any more is ended.
	Revoke(ctx context.Context, token string) (status, refused int, err error)
}

// Signer makes identities.
type Signer interface {
	// Sign makes one of a grant. jti is its id, key that of the key that signed it.
	Sign(g gate.Grant, w gate.Workload, jti string, at, until time.Time) (token, key string, err error)
}

// Vault keeps what has to be revoked, sealed, until it is.
type Vault interface {
	Keep(ctx context.Context, id, secret string, until time.Time) error
	Take(ctx context.Context, id string) (secret string, found bool, err error)
	Forget(ctx context.Context, id string) error
}

// Intents tells what tasks declare.
type Intents interface {
	// Allows is nil where a task declares what is asked for. The gate that it hangs on,
	// if it has one, is named in the grant.
	Allows(ctx context.Context, repo gate.Repo, agent string, g *gate.Grant) error
}

// Config is what Credentials are made of. What may be nil says so; what is nil is not
// given.
type Config struct {
	Book     *book.Book
	Verifier Verifier
	Rules    Rules
	Jobs     Jobs
	Mint     Mint    // may be nil
	Signer   Signer  // may be nil
	Intents  Intents // may be nil
	Vault    Vault
	Observer Observer
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	// Credential is the outcome of a request, or of an ending: given, pending, refused,
	// ended or unended.
	Credential(kind, outcome string)
}

// Credentials gives workloads what they need for one task.
type Credentials struct{ Config }

// New returns what gives credentials, and ends those that are in a book from now on.
func New(c Config) *Credentials {
	u := &Credentials{c}
	c.Book.Credentials.On(gate.Credential, gate.Uphold, u.uphold)
	c.Book.Credentials.On(gate.Credential, gate.Revoke, u.revoke)
	return u
}

// Given is a credential in its workload's hands.
type Given struct {
	ID     string
	Stream string
	Token  string
	Until  time.Time
	Grant  gate.Grant
}

// Pending is the code of a request that waits for its gate: nothing was decided.
const Pending = "authorization_pending"

// judgings is how often one request is judged, each time by asking GitHub, before the
// job is told to try again.
const judgings = 5

// Exchange gives a credential for an identity token, or says why not. Errors are
// *gate.Error: of code authorization_pending while the gate is held; Final ones are
// refusals, which are on record.
func (u *Credentials) Exchange(ctx context.Context, token string, wish gate.Wish) (Given, error) {
	if u.Verifier == nil {
		return Given{}, no("credentials_unconfigured", "No credentials are given here: the operator of gatehold has not set it up.")
	}
	w, err := u.Verifier.Verify(ctx, token)
	if err != nil {
		return Given{}, err
	}
	repo, err := u.home(ctx, w)
	if err != nil {
		return Given{}, err
	}
	f, grant, err := u.announce(ctx, w, wish, repo)
	if err != nil {
		return Given{}, err
	}
	return u.give(ctx, f, grant, w)
}

// announce takes a request, judges it, ends what the task had before, and puts on record
// that what is granted is about to be made. Where the job's stream has moved meanwhile all
// of it is done anew: that may have been another request.
func (u *Credentials) announce(ctx context.Context, w gate.Workload, wish gate.Wish, repo gate.Repo) (book.Credential, gate.Grant, error) {
	for range judgings {
		f, id, err := u.request(ctx, w, wish, repo)
		if err != nil {
			return f, gate.Grant{}, err
		}
		g, err := u.judge(ctx, w, wish, repo)
		if err != nil {
			return f, g, u.refuse(ctx, f, id, err)
		}
		g.ID, g.Token, g.Usable = id, w.Token, w.Until
		if f, err = u.clear(ctx, f, g); err != nil {
			return f, g, err
		}
		if err := f.State.Mint(g, u.Book.Now()); err != nil {
			return f, g, err
		}
		next, err := u.Book.Credentials.Append(ctx, f, engine.Draft{Event: gate.Minting{Grant: g}})
		if !errors.Is(err, ledger.ErrMoved) {
			return next, g, trouble(err)
		}
	}
	return book.Credential{}, gate.Grant{}, &gate.Error{Code: Pending, Text: "Much happens to this job at the moment. Try again."}
}

// home is the repository by whose rules a workload is given anything: its own, where
// gatehold holds it.
func (u *Credentials) home(ctx context.Context, w gate.Workload) (gate.Repo, error) {
	if w.Job == nil {
		return gate.Repo{}, no("workload_homeless", "Only jobs of GitHub Actions are given credentials here: ask for one from a workflow.")
	}
	f, err := u.Book.RepositoryOf(ctx, gate.Repo{ID: w.Job.Repo})
	if err != nil {
		return gate.Repo{}, trouble(err)
	}
	repo := f.State.Subject.Repo
	if repo.ID != w.Job.Repo || repo.Installation == 0 {
		return gate.Repo{}, no("repository_unknown",
			"gatehold holds nothing in this repository: install its App there, and wait until it has looked at it.")
	}
	return repo, nil
}

// request puts on record that a workload asks, the first time that it does.
func (u *Credentials) request(ctx context.Context, w gate.Workload, wish gate.Wish, repo gate.Repo) (book.Credential, string, error) {
	for range engine.MaxMoves {
		f, err := u.Book.Credentials.Load(ctx, w.Stream())
		if err != nil {
			return f, "", trouble(err)
		}
		r, fresh, err := f.State.Ask(w, wish, repo, u.Book.Now())
		if err != nil || !fresh {
			return f, r.ID, err
		}
		f, err = u.Book.Credentials.Append(ctx, f, engine.Draft{Event: r})
		if errors.Is(err, ledger.ErrMoved) {
			continue
		}
		return f, r.ID, trouble(err)
	}
	return book.Credential{}, "", trouble(ledger.ErrMoved)
}

// refuse puts a refusal on record, where it is one, and returns it.
func (u *Credentials) refuse(ctx context.Context, f book.Credential, id string, refusal error) error {
	known := gate.AsError(refusal)
	if !known.Final {
		u.Observer.Credential("", "pending")
		return refusal
	}
	u.Observer.Credential("", "refused")
	for range engine.MaxMoves {
		w, fresh := f.State.Withhold(id, known, known.Code == observed)
		if !fresh {
			return refusal
		}
		_, err := u.Book.Credentials.Append(ctx, f, engine.Draft{Event: w})
		if !errors.Is(err, ledger.ErrMoved) {
			return errors.Join(refusal, trouble(err))
		}
		if f, err = u.Book.Credentials.Load(ctx, f.Name); err != nil {
			return errors.Join(refusal, trouble(err))
		}
	}
	return refusal
}

// clear ends what a task was given before: it has one credential.
func (u *Credentials) clear(ctx context.Context, f book.Credential, g gate.Grant) (book.Credential, error) {
	now := u.Book.Now()
	for _, r := range f.State.Holds(g.Wish, now) {
		if r.Minted == nil {
			return f, &gate.Error{Code: "credential_live", Until: now.Add(credential.AnswerTime),
				Text: "A credential was being made for this task, and nobody knows yet what came of it. Try again in a minute."}
		}
		next, err := u.Book.Credentials.Record(ctx, f.Name, engine.Draft{Event: gate.Ending{ID: r.ID, Why: "replaced"}})
		if err != nil {
			return f, trouble(err)
		}
		if r.Grant.Type == gate.IdentityToken {
			return next, &gate.Error{Code: "credential_live", Until: r.Minted.Ends,
				Text: "This task has an identity, which nobody can take back. Use it, or ask again when it has run out."}
		}
		if f, err = u.end(ctx, next, r.ID); err != nil {
			return f, err
		}
	}
	return f, nil
}

func no(code, text string) error { return &gate.Error{Code: code, Text: text, Final: true} }

func trouble(err error) error {
	if err == nil {
		return nil
	}
	return &gate.Error{Code: "store_unavailable", Text: "The ledger cannot be used at the moment. Try again.", Err: err}
}

// hashOf stands for a token on record.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
