package gate

import (
	"strconv"
	"strings"
)

// The buttons of a check run, by the letter that stands for each before the
// nonce in its identifier. GitHub takes 20 characters.
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
var buttons = map[string]byte{
	string(Approve): 'a', string(Deny): 'd', string(Override): 'o', string(Review): 'r', Recheck: 'c',
}

// Recheck is the button that asks for another look. It is no answer.
const Recheck = "recheck"

// NonceLength is the length of a nonce: 95 bits in lower-case base32.
const NonceLength = 19

// ButtonID is the identifier of a button of a painting. Without a nonce it is
// the button's own name, as it was before paintings were on record.
func ButtonID(button, nonce string) string {
	if nonce == "" {
		return button
	}
	return string(buttons[button]) + nonce
}

// ReadButton reads an identifier that came back: which button, of the painting
// with which nonce. It is not ok where gatehold gives out none like it.
func ReadButton(id string) (button, nonce string, ok bool) {
	if _, old := buttons[id]; old {
		return id, "", true
	}
	if len(id) != NonceLength+1 || strings.Trim(id[1:], "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return "", "", false
	}
	for name, letter := range buttons {
		if letter == id[0] {
			return name, id[1:], true
		}
	}
	return "", "", false
}

// PressKey is the ledger key of a press that is an answer: one person answers
// once on one painting, however often that is delivered, and under whatever
// number. Empty where nothing was answered.
func (s Seen) PressKey() string {
	if s.Subject.Kind != Check || s.Button == "" || s.Button == Recheck {
		return ""
	}
	painting := s.Nonce
	if painting == "" { // of a run from before paintings were on record
		painting = "run:" + strconv.FormatInt(s.Run, 10)
	}
	return "press:" + painting + ":" + strconv.FormatInt(s.Sender.ID, 10) + ":" + s.Button
}
