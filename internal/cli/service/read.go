package service

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// OpenBook opens the ledger that the settings of a command name, with its streams. A
// SQLite file that is not there is not made; instead says what else could be asked, as
// part of the sentence about it.
func OpenBook(flags config.Flags, getenv func(string) string, instead string) (config.Config, ledger.Store, *book.Book, error) {
	cfg, err := config.Store(flags, getenv, os.ReadFile)
	if err != nil {
		return cfg, nil, nil, err
	}
	if path, ok := strings.CutPrefix(cfg.Store, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return cfg, nil, nil, &gate.Error{Code: "store_unavailable", Err: err,
				Text: fmt.Sprintf("There is no ledger at %s: say where it is with --store or GATEHOLD_STORE%s.", path, instead)}
		}
	}
	store, _, err := OpenStore(cfg)
	if err != nil {
		return cfg, nil, nil, err
	}
	return cfg, store, book.New(engine.New(engine.Config{Log: store, Now: time.Now}), ""), nil
}
