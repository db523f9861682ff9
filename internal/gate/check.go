package gate

import "time"

// CheckState is the one check run of a commit: the fold of its stream.
type CheckState struct {
	Subject Subject
	Version uint64

	Members  []Subject // gates that have, or had, this commit as their head
	Since    time.Time // when the oldest event that is not painted yet was taken in
	Wanted   uint64    // version of the newest news
	Painted  uint64    // version up to which the run shows the news
	AskedFor uint64    // version of the newest request to judge again
	Asked    uint64    // version up to which such requests were passed on

	Run     int64 // GitHub's id of the run, 0 where none is known
	Unsure  bool  // one may have been created whose id is not known
	Digest  string
	Outcome string
	At      time.Time // when it was last painted
	Failure *Failed
}

// After is the state once e has happened.
func (s CheckState) After(e Entry) CheckState {
	s.Version = e.Version
	switch ev := e.Event.(type) {
	case Seen:
		s.Subject = ev.Subject
		s.AskedFor = e.Version
		s.Failure = unlessFinal(s.Failure)
	case News:
		if s.Wanted <= s.Painted {
			s.Since = ev.Since
		}
		s.Subject = ev.Check
		s.Members = withMember(s.Members, ev.Gate)
		s.Wanted = e.Version
		s.Failure = unlessFinal(s.Failure)
	case Creating:
		s.Unsure = true
	case Published:
		s.Painted = max(s.Painted, ev.Covers)
		s.Run = max(s.Run, ev.Run) // ids grow, and the newest run is the one that counts
		s.Unsure = false
		s.Digest, s.Outcome, s.At = ev.Digest, ev.Outcome, e.At
		s.Failure = nil
	case Asked:
		s.Asked = ev.Covers
		s.Failure = nil
	case Failed:
		s.Failure = &ev
	}
	return s
}

// Due is what the check wants done, and not before when; a zero time is at once.
func (s CheckState) Due() (Step, time.Time) {
	step := Nothing
	switch {
	case s.AskedFor > s.Asked:
		step = Ask
	case s.Wanted > s.Painted:
		step = Publish
	}
	if step == Nothing || s.Failure == nil {
		return step, time.Time{}
	}
	if s.Failure.Next.IsZero() {
		return Nothing, time.Time{}
	}
	return step, s.Failure.Next
}

func withMember(members []Subject, g Subject) []Subject {
	stream := g.Stream()
	out := make([]Subject, 0, len(members)+1)
	for _, m := range members {
		if m.Stream() != stream {
			out = append(out, m)
		}
	}
	return append(out, g)
}

// unlessFinal forgets a failure that waited for something else to happen.
func unlessFinal(f *Failed) *Failed {
	if f != nil && f.Next.IsZero() {
		return nil
	}
	return f
}
