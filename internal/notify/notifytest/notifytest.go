// Package notifytest has a message that holds what attackers write, for the tests of
// channels.
package notifytest

import (
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
)

// Hostile are texts that mean something to a channel's markup, or that programs make
// mentions and links of.
var Hostile = []string{
	"<!channel> <!everyone> <!here> @channel @everyone @here", "<at>everyone</at>", "<https://evil.example|sign in>",
	"https://evil.example/login", "www.evil.example", "[click](https://evil.example)", "<script>alert(1)</script>",
	"<img src=x onerror=alert(1)>", "*bold* _it_ `code` ~gone~ # head", "{{user}} ${expr}",
}

// Delivery is a message about a held gate of which each text is hostile.
func Delivery() notify.Delivery {
	return notify.Delivery{Message: notify.Message{
		ID: "msg_2b1f", Thread: "pr/42/7", State: notify.Held, At: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC),
		Title: "Held: " + Hostile[0], Sentence: Hostile[2] + " " + Hostile[3], Subject: "acme/shop#7", Repository: "acme/shop",
		Level: gate.High, Score: 71, Who: "1 approval from " + Hostile[5], Since: time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC),
		Findings: Hostile, More: 3, Page: "https://gatehold.acme.example/gates/pr/42/7", GitHub: "https://github.com/acme/shop/pull/7",
	}}
}
