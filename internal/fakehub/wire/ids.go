package wire

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
)

// NodeID is an opaque global id of the kind GitHub gives.
func NodeID(prefix string, id int64) string {
	return prefix + "_" + base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%s:%d", prefix, id)))
}

// EscapePath escapes each part of a path.
func EscapePath(p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
