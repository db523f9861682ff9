package cli

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/cli/service"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/words"
)

type serveCmd struct {
	config.Flags
}

func serveCommand(std command.IO) *cobra.Command {
	c := &serveCmd{}
	cmd := command.New(std, c, "serve", "Run the GitHub App: take webhooks, judge, publish the check.", "")
	c.Define(cmd.Flags())
	return cmd
}

func (c *serveCmd) Run(ctx context.Context, std command.IO) error {
	cfg, err := config.Load(c.Flags, std.Getenv, os.ReadFile)
	if err != nil {
		return err
	}
	log := service.NewLog(std.Err, cfg.LogLevel)
	s, err := service.Start(cfg, log)
	if err != nil {
		return err
	}
	log.Info("gatehold is ready", "version", versionText(), "address", s.Listener.Addr().String(), "config", cfg)
	err = s.Wait(ctx)
	log.Info("gatehold stops")
	if serr := s.Stop(); serr != nil {
		log.Warn("stopping was not clean", "error", serr)
	}
	return err
}

type configCmd struct {
	config.Flags
}

func configCommand(std command.IO) *cobra.Command {
	c := &configCmd{}
	cmd := command.New(std, c, "config", "Print the configuration that serve would use, secrets redacted.", "")
	c.Define(cmd.Flags())
	return cmd
}

func (c *configCmd) Run(_ context.Context, std command.IO) error {
	cfg, err := config.Load(c.Flags, std.Getenv, os.ReadFile)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(std.Out, cfg.String())
	return err
}

type versionCmd struct{}

func versionCommand(std command.IO) *cobra.Command {
	return command.New(std, versionCmd{}, "version", "Print the version.", "")
}

func (versionCmd) Run(_ context.Context, std command.IO) error {
	_, err := fmt.Fprintln(std.Out, "gatehold", versionText())
	return err
}

// version is set by the linker for releases.
var version = ""

func versionText() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return info.Main.Version + " " + words.Short(s.Value)
		}
	}
	return info.Main.Version
}
