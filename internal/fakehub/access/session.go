package access

import (
	"encoding/base64"
	"fmt"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// SignedIn is who sits before the browser that has this session, nil: nobody.
func (b *Book) SignedIn(session string) *fakehub.Account {
	b.hub.State.RLock()
	defer b.hub.State.RUnlock()
	if by := b.sessions[session]; by.Person() {
		return by
	}
	return nil
}

// Session is one for the browser of somebody.
func (b *Book) Session(login string) (session string, err error) {
	b.hub.State.Lock()
	defer b.hub.State.Unlock()
	by := b.hub.Account(login)
	if !by.Person() {
		return "", fmt.Errorf("%s is nobody who could sign in", login)
	}
	session = base64.RawURLEncoding.EncodeToString(b.hub.Random.Bytes(27))
	b.sessions[session] = by
	return session, nil
}
