package pages

import (
	"net/http"
	"slices"
)

// devicePage is where a person enters the code that a device shows, as the one
// that they say they are.
func (p *Pages) devicePage(w http.ResponseWriter, r *http.Request) {
	p.showDevice(w, http.StatusOK, map[string]any{"Code": r.URL.Query().Get("code")})
}

// answerDevice takes the code.
func (p *Pages) answerDevice(w http.ResponseWriter, r *http.Request) {
	code, by, allowed := r.PostFormValue("code"), r.PostFormValue("as"), r.PostFormValue("answer") == "allow"
	if err := p.book.Enter(code, by, !allowed); err != nil {
		p.showDevice(w, http.StatusUnprocessableEntity, map[string]any{"Code": code, "Problem": "That did not work: " + err.Error() + "."})
		return
	}
	done := "has signed in on the device."
	if !allowed {
		done = "has refused the device."
	}
	p.showDevice(w, http.StatusOK, map[string]any{"By": by, "Done": done})
}

func (p *Pages) showDevice(w http.ResponseWriter, status int, data map[string]any) {
	var humans []string
	p.hub.State.RLock()
	for _, a := range p.hub.AccountByID {
		if a.Type == "User" && a != p.hub.WebFlow() {
			humans = append(humans, a.Login)
		}
	}
	p.hub.State.RUnlock()
	slices.Sort(humans)
	data["Title"], data["Humans"] = "Device activation", humans
	p.show(w, status, "device.html", data)
}
