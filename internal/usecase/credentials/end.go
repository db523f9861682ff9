package credentials

import (
	"context"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/credential"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// uphold looks whether what credentials hang on is as it was when they were given.
func (u *Credentials) uphold(ctx context.Context, f book.Credential) error {
	s, now := f.State, u.Book.Now()
	var drafts []engine.Draft
	var unknown error
	for _, r := range s.Live(now) {
		if r.Minted == nil || r.Ending != nil {
			continue
		}
		w := r.Workload
		g, err := u.judge(ctx, w, r.Wish, r.Repo)
		switch known := gate.AsError(err); {
		case err == nil && g.Gate == r.Grant.Gate && g.For == r.Grant.For:
			continue
		case err == nil:
			drafts = append(drafts, ending(r, "verdict_changed", "What it was given for was judged otherwise since."))
		case known.Code == "gate_missing" && r.Grant.Gate != "":
			drafts = append(drafts, ending(r, "gate_closed", "The gate of this job is over."))
		case known.Final || known.Code == Pending:
			drafts = append(drafts, ending(r, known.Code, known.Text))
		default: // that one is not known says nothing of the others
			unknown = err
		}
	}
	if unknown != nil {
		if len(drafts) > 0 {
			if _, err := u.Book.Credentials.Append(ctx, f, drafts...); err != nil {
				return err
			}
		}
		return engine.Outside(unknown)
	}
	next := gate.Upheld{Covers: f.Head.Version, Next: now.Add(credential.LookEvery)}
	_, err := u.Book.Credentials.Append(ctx, f, append(drafts, engine.Draft{Event: next})...)
	return err
}

func ending(r credential.Request, code, text string) engine.Draft {
	return engine.Draft{Event: gate.Ending{ID: r.ID, Why: code, Text: text}}
}

// revoke ends what is to end next.
func (u *Credentials) revoke(ctx context.Context, f book.Credential) error {
	r, _, is := f.State.Next()
	if !is {
		return nil
	}
	_, err := u.end(ctx, f, r.ID)
	if err != nil {
		u.Observer.Credential("", "unended")
		return engine.OutsideOr(err)
	}
	return nil
}

// end ends a credential, and puts the proof on record. Its token leaves the vault once
// that is done.
func (u *Credentials) end(ctx context.Context, f book.Credential, id string) (book.Credential, error) {
	r, known := f.State.Request(id)
	if !known || r.Grant == nil || r.Ended != nil {
		return f, nil
	}
	now := u.Book.Now()
	if r.Grant.Type == gate.IdentityToken {
		return u.ended(ctx, f, r, gate.Ended{ID: id, Expired: true})
	}
	token, found, err := u.Vault.Take(ctx, id)
	if err == nil && !found { // who ends one puts it on record, and then takes it out of the vault
		if f, err = u.Book.Credentials.Load(ctx, f.Name); err == nil {
			if r, _ = f.State.Request(id); r.Ended != nil {
				return f, nil
			}
		}
	}
	switch {
	case err != nil:
		return f, trouble(err)
	case !found && r.Minted == nil: // it was announced, and came to nobody
		lost := gate.Unminted{ID: id, Code: "token_lost", Lost: r.GrantAt.Add(tokenLife),
			Text: "Nobody knows whether the token was made. Nobody has it."}
		next, err := u.Book.Credentials.Record(ctx, f.Name, engine.Draft{Event: lost})
		return next, trouble(err)
	case !found && now.Before(r.Minted.Ends):
		return f, &gate.Error{Code: "token_missing", Until: r.Minted.Ends,
			Text: "The token is not in the vault any more, so it cannot be ended. It ends by itself at " + r.Minted.Ends.Format("15:04 MST") + "."}
	case !found:
		return u.ended(ctx, f, r, gate.Ended{ID: id, Expired: true})
	case u.Mint == nil:
		return f, no("mint_unconfigured", "The App whose token it is is not configured any more, so it cannot be ended.")
	}
	status, refused, err := u.Mint.Revoke(ctx, token)
	if err != nil {
		return f, err
	}
	next, err := u.ended(ctx, f, r, gate.Ended{ID: id, Status: status, Refused: refused})
	if err != nil {
		return f, err
	}
	return next, trouble(u.Vault.Forget(ctx, id))
}

func (u *Credentials) ended(ctx context.Context, f book.Credential, r credential.Request, ev gate.Ended) (book.Credential, error) {
	drafts := []engine.Draft{{Event: ev}}
	if r.Minted == nil { // found in the vault, and never on record
		drafts = append([]engine.Draft{{Event: gate.Minted{ID: r.ID, Until: u.Book.Now(), Ends: r.GrantAt.Add(tokenLife)}}}, drafts...)
	}
	next, err := u.Book.Credentials.Record(ctx, f.Name, drafts...)
	if err != nil {
		return f, trouble(err)
	}
	u.Observer.Credential(r.Grant.Type, "ended")
	return next, nil
}

// Revoke has a credential ended by somebody's word, at once. Errors: credential_unknown.
func (u *Credentials) Revoke(ctx context.Context, stream, id string, by gate.Actor, why string) error {
	f, err := u.Book.Credentials.Load(ctx, stream)
	if err != nil {
		return trouble(err)
	}
	r, known := f.State.Request(id)
	if !known || !r.MayLive(u.Book.Now()) {
		return no("credential_unknown", "There is no such credential, or it has ended.")
	}
	ev := gate.Ending{ID: id, Why: "revoked", Text: why, By: by}
	if _, err := u.Book.Credentials.Record(ctx, stream, engine.Draft{Event: ev}); err != nil {
		return trouble(err)
	}
	u.Book.Nudge(stream)
	return nil
}

// Hear has credentials looked at that hang on a gate which has changed.
func (u *Credentials) Hear(ctx context.Context, f book.Gate) error {
	s := f.State.Subject
	if s.Kind == gate.MergeGroup {
		return nil
	}
	return u.stir(ctx, s.Repo.ID, book.NewsKey(f.Name, f.State.Changed), gate.Stirred{Gate: f.Name, Version: f.State.Changed, Run: s.Run})
}

// Stir has credentials looked at of a run to which something has happened, as an event
// with a key tells.
func (u *Credentials) Stir(ctx context.Context, seen gate.Seen, key string) error {
	return u.stir(ctx, seen.Subject.Repo.ID, key, gate.Stirred{Run: seen.Subject.Run})
}

func (u *Credentials) stir(ctx context.Context, repo int64, key string, ev gate.Stirred) error {
	if u.Verifier == nil { // what is left from before is looked at by the minute
		return nil
	}
	names, err := u.Book.OpenStreams(ctx, gate.Credential, repo)
	if err != nil {
		return err
	}
	for _, name := range names {
		f, err := u.Book.Credentials.Load(ctx, name)
		if err != nil {
			return err
		}
		job := f.State.Workload.Job
		if ev.Run != 0 && (job == nil || job.Run != ev.Run) {
			continue
		}
		if err := u.Book.Credentials.Once(ctx, name, key, ev); err != nil {
			return err
		}
	}
	return nil
}

// GiveBack ends what a workload was given, by an identity token of the same workload: one
// credential, or all where id is empty. It uses the token up for nothing.
func (u *Credentials) GiveBack(ctx context.Context, token, id string) error {
	if u.Verifier == nil {
		return no("credentials_unconfigured", "No credentials are given here: the operator of gatehold has not set it up.")
	}
	w, err := u.Verifier.Verify(ctx, token)
	if err != nil {
		return err
	}
	f, err := u.Book.Credentials.Load(ctx, w.Stream())
	if err != nil {
		return trouble(err)
	}
	for _, r := range f.State.Live(u.Book.Now()) {
		if id != "" && r.ID != id || r.Minted == nil || r.Ending != nil {
			continue
		}
		if f, err = u.Book.Credentials.Record(ctx, f.Name, engine.Draft{Event: gate.Ending{ID: r.ID, Why: "given_back"}}); err != nil {
			return trouble(err)
		}
		if r.Grant.Type == gate.IdentityToken {
			continue // which ends by itself
		}
		if f, err = u.end(ctx, f, r.ID); err != nil {
			return err
		}
	}
	return nil
}
