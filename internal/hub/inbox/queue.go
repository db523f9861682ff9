package inbox

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

type mergeGroup struct {
	HeadSHA string `json:"head_sha"`
	HeadRef string `json:"head_ref"`
	BaseSHA string `json:"base_sha"`
	BaseRef string `json:"base_ref"`
}

// queueBranch is the branch of a merge group. The number is the pull request
// that the group's last commit merges; GitHub says it nowhere else.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group
var queueBranch = regexp.MustCompile(`^refs/heads/gh-readonly-queue/.+/pr-([1-9][0-9]{0,9})-[0-9a-f]{40,64}$`)

// mergeGroup takes what a merge queue asks for. A group whose branch does not
// name its pull request is a subject without a number, which is held.
func (in *Inbox) mergeGroup(p payload, _ []byte) ([]gate.Seen, error) {
	if p.Action != "checks_requested" && p.Action != "destroyed" {
		return nil, nil
	}
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	g := p.MergeGroup
	if !wire.IsSHA(g.HeadSHA) {
		return nil, refused("payload_invalid", "The event names no merge group.")
	}
	s := gate.Seen{
		Subject: gate.Subject{Kind: gate.MergeGroup, Repo: repo, Number: queuedPull(g.HeadRef), SHA: g.HeadSHA},
		Event:   "merge_group", Action: p.Action, Sender: p.sender(),
		Head: g.HeadSHA, HeadRef: wire.Clip(g.HeadRef, 400), BaseRef: wire.Clip(strings.TrimPrefix(g.BaseRef, "refs/heads/"), 255),
		Closed: p.Action == "destroyed", RepoAt: p.Repository.Updated.Time,
	}
	if wire.IsSHA(g.BaseSHA) {
		s.Base = g.BaseSHA
	}
	return []gate.Seen{s}, nil
}

func queuedPull(headRef string) int {
	match := queueBranch.FindStringSubmatch(headRef)
	if match == nil {
		return 0
	}
	number, err := strconv.Atoi(match[1])
	if err != nil {
		return 0
	}
	return number
}
