package hub

import "context"

// Login is the App's own login, as GitHub names who did something on its behalf.
// It is asked for once.
func (h *Hub) Login(ctx context.Context) (string, error) {
	h.mu.Lock()
	login := h.login
	h.mu.Unlock()
	if login != "" {
		return login, nil
	}
	app, _, err := h.App(ctx)
	if err != nil {
		return "", err
	}
	if app.Slug == "" {
		return "", malformed("GitHub does not say what the App is called")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.login = app.Slug + "[bot]"
	return h.login, nil
}
