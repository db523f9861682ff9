package web

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"log/slog"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/web/page"
)

// passkeyScript is what a browser runs to ask for a passkey, and all that it runs.
//
//go:embed passkey.js
var passkeyScript []byte

// scriptPath holds the script's digest, so that a browser never runs an old one.
var scriptPath = sync.OnceValue(func() string {
	sum := sha256.Sum256(passkeyScript)
	return page.Scripts + hex.EncodeToString(sum[:8]) + ".js"
})

func script(c *gin.Context) {
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Data(http.StatusOK, "text/javascript; charset=utf-8", passkeyScript)
}

// drawPasskey draws a page that asks for a passkey.
func drawPasskey(c *gin.Context, log *slog.Logger, d drawn) {
	c.Header("Content-Security-Policy", page.PasskeyPolicy())
	draw(c, log, d)
}
