package credentials

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

const (
	// recordTime is for putting on record what has happened, also where time is up.
	recordTime = 10 * time.Second
	// tokenLife is how long GitHub's tokens live.
	// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
	tokenLife = time.Hour
)

// give makes what was announced, and puts it on record before it is handed out.
func (u *Credentials) give(ctx context.Context, f book.Credential, g gate.Grant, w gate.Workload) (Given, error) {
	out := Given{ID: g.ID, Stream: f.Name, Grant: g}
	minted, err := u.make(ctx, g, w, &out)
	// What was made is on record, or ended, whoever waits for it.
	lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	if err != nil {
		u.unminted(lasting, f.Name, g, gate.AsError(err))
		return Given{}, err
	}
	if f, err = u.Book.Credentials.Record(lasting, f.Name, engine.Draft{Event: minted}); err != nil {
		return Given{}, trouble(err) // it is in the vault: whoever finds it there ends it
	}
	if err := u.stillOpen(lasting, f, g, w); err != nil {
		return Given{}, err
	}
	u.Observer.Credential(g.Type, "given")
	return out, nil
}

// stillOpen judges once more what was made: of a gate that was shut meanwhile, or a job that
// ended, nobody had this credential looked at, which was not there yet. What would not be
// given now is ended before anybody has it.
func (u *Credentials) stillOpen(ctx context.Context, f book.Credential, g gate.Grant, w gate.Workload) error {
	asked, _ := f.State.Request(g.ID) // of the grant, what was wished for is spelt out
	again, err := u.judge(ctx, w, asked.Wish, g.Repo)
	if err == nil && again.Gate == g.Gate && again.For == g.For {
		return nil
	}
	if err == nil {
		err = &gate.Error{Code: Pending, Text: "The gate was judged otherwise while the credential was made. Try again."}
	}
	known := gate.AsError(err)
	next, failed := u.Book.Credentials.Record(ctx, f.Name, engine.Draft{Event: gate.Ending{ID: g.ID, Why: known.Code, Text: known.Text}})
	if failed == nil {
		_, failed = u.end(ctx, next, g.ID)
	}
	if failed != nil { // it is on record that it ends, or looked at within a minute
		u.Book.Slog.Error("a credential that nobody was given could not be ended at once", "credential", g.ID, "error", failed)
	}
	return err
}

// make makes a credential, and keeps what is needed to end it.
func (u *Credentials) make(ctx context.Context, g gate.Grant, w gate.Workload, out *Given) (gate.Minted, error) {
	life, _ := time.ParseDuration(g.Lifetime) // by the rules, who have read it
	now := u.Book.Now()
	until := now.Add(life).UTC().Truncate(time.Second)
	if g.Type == gate.IdentityToken {
		return u.sign(g, w, now, until, out)
	}
	if u.Mint == nil {
		return gate.Minted{}, no("mint_unconfigured", "No App is configured here whose tokens may be given.")
	}
	token, expires, _, err := u.Mint.Token(ctx, g.Repo, g.RepoIDs, g.Repositories, g.Permissions)
	if err != nil {
		return gate.Minted{}, err
	}
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	if err := u.Vault.Keep(keep, g.ID, token, expires); err != nil {
		if _, _, failed := u.Mint.Revoke(keep, token); failed != nil {
			u.Book.Slog.Error("a token that nobody was given could not be ended", "credential", g.ID, "until", expires, "error", failed)
			return gate.Minted{}, &gate.Error{Code: "token_lost", Until: expires, Err: errors.Join(err, failed),
				Text: "A token was made that could not be kept, nor ended. Nobody has it. Try again."}
		}
		return gate.Minted{}, trouble(err)
	}
	if expires.Before(until) {
		until = expires
	}
	out.Token, out.Until = token, until
	return gate.Minted{ID: g.ID, Hash: hashOf(token), Until: until, Ends: expires}, nil
}

func (u *Credentials) sign(g gate.Grant, w gate.Workload, now, until time.Time, out *Given) (gate.Minted, error) {
	if u.Signer == nil {
		return gate.Minted{}, no("issuer_unconfigured", "gatehold signs no identities here.")
	}
	jti := rand.Text()
	token, key, err := u.Signer.Sign(g, w, jti, now, until)
	if err != nil {
		return gate.Minted{}, err
	}
	out.Token, out.Until = token, until
	return gate.Minted{ID: g.ID, Hash: hashOf(token), Until: until, Ends: until, JTI: jti, Key: key}, nil
}

// unminted puts on record that nothing was made, or that what was made, perhaps, came to
// nobody.
func (u *Credentials) unminted(ctx context.Context, stream string, g gate.Grant, e *gate.Error) {
	ev := gate.Unminted{ID: g.ID, Code: e.Code, Text: e.Text}
	if g.Type == gate.InstallationToken && mayExist(e) {
		ev.Lost = u.Book.Now().Add(tokenLife)
	}
	if _, err := u.Book.Credentials.Record(ctx, stream, engine.Draft{Event: ev}); err != nil {
		u.Book.Slog.Error("that a credential was not made is not on record", "credential", g.ID, "error", err)
	}
}

// mayExist reports whether a token may have been made, although none was given: no answer
// came, or one that could not be read or ended.
func mayExist(e *gate.Error) bool {
	return slices.Contains([]string{"github_unavailable", "timeout", "internal", "answer_too_large", "token_lost"}, e.Code)
}
