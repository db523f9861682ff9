package board

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/pattern"
)

var (
	pullName   = pattern.Of(`^([A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100})#([1-9][0-9]{0,9})$`)
	streamName = pattern.Of(`^[a-z]{1,20}(/[0-9a-f]{1,64}){1,5}$`)
)

// CheckSubject says whether a text can name a gate. It asks nobody.
func CheckSubject(subject string) error {
	if pullName().MatchString(subject) {
		return nil
	}
	switch kind := gate.StreamKind(subject); {
	case !streamName().MatchString(subject), !kind.Gates():
		return &gate.Error{Code: "request_invalid", Final: true,
			Text: "A gate is written as acme/shop#12, or as gatehold holds lists it: deploy/42/7/9/0a1b, say."}
	case kind == gate.MergeGroup:
		return &gate.Error{Code: "queue", Final: true,
			Text: "Nobody answers on a merge group. Answer on the pull request: what counts there counts here."}
	}
	return nil
}

// Resolve finds the stream that a subject names: "owner/name#12", or the gate's
// stream itself. Its errors are *gate.Error: request_invalid, queue, not_found.
func (b *Board) Resolve(subject string) (string, error) {
	if err := CheckSubject(subject); err != nil {
		return "", err
	}
	named := pullName().FindStringSubmatch(subject)
	if named == nil {
		return subject, nil
	}
	number, err := strconv.Atoi(named[2])
	if err == nil {
		if stream := b.pull(named[1], number); stream != "" {
			return stream, nil
		}
	}
	return "",
		&gate.Error{Code: "not_found", Final: true,
			Text: "There is no such gate, or you may not see it. A pull request is written as acme/shop#12; gatehold holds " +
				"lists the others."}
}

// pull finds the stream of the pull request that people call owner/name#number;
// empty where there is none. Of repositories that had a name one after the other,
// the one where something happened last is meant.
func (b *Board) pull(repository string, number int) string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var best Summary
	for _, s := range b.gates {
		named := s.Subject.Kind == gate.PullRequest && s.Subject.Number == number &&
			strings.EqualFold(s.Subject.Repo.FullName(), repository)
		if named && s.ChangedAt.After(best.ChangedAt) {
			best = *s
		}
	}
	return best.Stream
}
