package fakehub

import (
	"net/http"
	"slices"
)

// devicePage is where a person enters the code that a device shows, as the one
// that they say they are.
func (h *Hub) devicePage(w http.ResponseWriter, r *http.Request) {
	h.showDevice(w, http.StatusOK, map[string]any{"Code": r.URL.Query().Get("code")})
}

// answerDevice takes the code.
func (h *Hub) answerDevice(w http.ResponseWriter, r *http.Request) {
	code, by, allowed := r.PostFormValue("code"), r.PostFormValue("as"), r.PostFormValue("answer") == "allow"
	if err := h.enter(code, by, !allowed); err != nil {
		h.showDevice(w, http.StatusUnprocessableEntity, map[string]any{"Code": code, "Problem": "That did not work: " + err.Error() + "."})
		return
	}
	done := "has signed in on the device."
	if !allowed {
		done = "has refused the device."
	}
	h.showDevice(w, http.StatusOK, map[string]any{"By": by, "Done": done})
}

func (h *Hub) showDevice(w http.ResponseWriter, status int, data map[string]any) {
	var humans []string
	h.mu.RLock()
	for _, a := range h.byID {
		if a.Type == "User" && a != h.webFlow {
			humans = append(humans, a.Login)
		}
	}
	h.mu.RUnlock()
	slices.Sort(humans)
	data["Title"], data["Humans"] = "Device activation", humans
	h.show(w, status, "device.html", data)
}
