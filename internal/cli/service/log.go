package service

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/gatehold/gatehold/internal/detect/redact"
)

// NewLog writes lines of JSON from which secrets are taken out: errors quote
// addresses, answers and texts of others.
func NewLog(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: withoutSecrets}))
}

func withoutSecrets(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(redact.Text(a.Value.String()))
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case error, fmt.Stringer:
			a.Value = slog.StringValue(redact.Text(fmt.Sprint(v)))
		case []string:
			clean := make([]string, len(v))
			for i := range v {
				clean[i] = redact.Text(v[i])
			}
			a.Value = slog.AnyValue(clean)
		}
	}
	return a
}
