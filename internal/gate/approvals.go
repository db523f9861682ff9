package gate

import "time"

// Approvals are what people said to a gate, of whatever kind.
type Approvals struct {
	Spoke    map[int64]Spoken // each person's last choice that counted, by account
	SpokeAt  uint64           // version of the newest choice that was counted or refused
	Offers   []Offer          // choices that were not looked at yet, oldest first
	Choices  []Choice         // choices that stand, one for a person
	Refusals []Refused        // the last few choices that did not count
	Voided   []Void           // the last few that do not stand any more
	LapsedTo time.Time        // up to when lapses are on record

	Overrides []OverrideRecord
}
