package agent

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/agent/signature"
)

// Signs are those by which one agent is known.
type Signs struct {
	Agent  string   `json:"agent"`
	From   string   `json:"from"`             // the rules file, or "built-in"
	Date   string   `json:"date,omitempty"`   // year and month in which they were looked through
	Source string   `json:"source,omitempty"` // where they are documented, or were seen
	Signs  []string `json:"signs"`            // each in a few words
}

// Builtin are the signs that are known without rules, by agent.
func Builtin() []Signs {
	list := signature.All()
	out := make([]Signs, len(list))
	for i := range list {
		out[i] = Signs{Agent: list[i].Name, From: "built-in", Date: list[i].Date, Source: list[i].Source, Signs: say(&list[i])}
	}
	return out
}

// Signs are those of an agent that a rules file registers.
func (k *Known) Signs(from string) Signs {
	out := Signs{Agent: k.called(), From: from, Signs: []string{}}
	add := func(kind, sign string) {
		if sign != "" {
			out.Signs = append(out.Signs, kind+" "+sign)
		}
	}
	add("name", k.Name)
	add("account", k.Login)
	if k.ID != 0 {
		add("account id", strconv.FormatInt(k.ID, 10))
	}
	add("address", k.Email)
	add("branch", starred(k.Branch))
	add("trailer", k.Trailer)
	add("text", k.Text)
	return out
}

func starred(prefix string) string {
	if prefix == "" {
		return ""
	}
	return prefix + "*"
}

func say(a *signature.Agent) []string {
	out := []string{}
	for _, x := range a.Accounts {
		sign := "account " + x.Login
		if x.ID != 0 {
			sign += fmt.Sprintf(" (id %d)", x.ID)
		}
		if x.Duty != signature.Coder {
			sign += ", " + string(x.Duty)
		}
		out = append(out, sign)
	}
	for _, x := range a.Names {
		out = append(out, "name "+x.Name)
	}
	for _, x := range a.Trailers {
		out = append(out, "trailer "+strings.TrimSpace(x.Key+": "+x.Value))
	}
	for _, x := range a.Texts {
		out = append(out, "text "+x.Phrase)
	}
	for _, x := range a.Branches {
		out = append(out, "branch "+starred(x.Prefix))
	}
	for _, list := range []struct {
		kind  string
		signs []string
	}{{"address", a.Emails}, {"author", a.Authors}, {"model", a.Models}, {"label", a.Labels}} {
		for _, sign := range list.signs {
			out = append(out, list.kind+" "+sign)
		}
	}
	return out
}
