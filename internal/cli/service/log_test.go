package service

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// Whatever an error or a text of others holds, no line of the log holds a secret.
func TestNoSecretInTheLog(t *testing.T) {
	var out bytes.Buffer
	log := NewLog(&out, slog.LevelDebug)
	secret := "https://me:Sw0rdf1sh@host.example"
	log.Error("asked "+secret, "error", fmt.Errorf("get %s: %w", secret, errors.New("Authorization: Bearer Sw0rdf1sh")),
		"missing", []string{"token=Sw0rdf1sh", "a check"}, "text", secret, slog.Group("g", "text", secret))
	log.With("where", secret).Info("again", "stack", "panic: ghp_Sw0rdf1shaaaaaaaaaaaaaaaa\n")
	if text := out.String(); strings.Contains(text, "Sw0rdf1sh") || !strings.Contains(text, "a check") ||
		strings.Count(text, "[redacted]") < 7 {
		t.Errorf("the log says %s", text)
	}
}
