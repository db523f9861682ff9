// Package http3 stands in for quic-go's in gin, which offers to listen on QUIC:
// gatehold listens on TCP. Whoever asks for the other is refused.
package http3

import (
	"errors"
	"net/http"
)

// ListenAndServeQUIC refuses.
func ListenAndServeQUIC(_, _, _ string, _ http.Handler) error {
	return errors.New("http3: this program is built without QUIC: listen on TCP")
}
