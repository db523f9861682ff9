package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	redis "github.com/redis/go-redis/v9"

	"github.com/gatehold/gatehold/internal/ledger"
)

// ErrWeak is in a Check error whose only finding is appendfsync everysec: the
// ledger works, but a crash of the machine may lose the last second of what
// was acknowledged. Whoever accepts that may go on.
var ErrWeak = errors.New("acknowledged records of the last second can be lost")

// Check reports whether the server, or every primary of the cluster, can be
// reached, takes writes and keeps them. Each finding is a sentence that says
// what to change.
func (s *Store) Check(ctx context.Context) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return checkNode(ctx, s.client, s.where, s.failed)
	}
	var mu sync.Mutex
	var all []error
	err = cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		err := checkNode(ctx, node, node.Options().Addr, s.failed)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, err)
		return nil
	})
	return worst(append(all, s.failed(err)))
}

// worst joins findings. ErrWeak is found in the whole only if nothing is worse.
func worst(findings []error) error {
	var weak, grave []error
	for _, err := range findings {
		if errors.Is(err, ErrWeak) {
			weak = append(weak, err)
		} else if err != nil {
			grave = append(grave, err)
		}
	}
	if len(grave) > 0 {
		return errors.Join(grave...)
	}
	return errors.Join(weak...)
}

func checkNode(ctx context.Context, node redis.Cmdable, where string, failed func(error) error) error {
	text, err := node.Info(ctx).Result()
	if err != nil {
		return failed(err)
	}
	info := parseInfo(text)
	at := "ledger: Redis at " + where
	var findings []error
	if info["role"] != "master" {
		findings = append(findings, fmt.Errorf("%s is a replica and takes no writes: use the address of the primary", at))
	}
	if policy := info["maxmemory_policy"]; info["maxmemory"] != "0" && policy != "noeviction" {
		findings = append(findings,
			fmt.Errorf("%s throws records away when its memory is full (maxmemory-policy %s): set maxmemory-policy noeviction", at, policy))
	}
	if info["cluster_enabled"] == "1" {
		findings = append(findings, checkCluster(ctx, node, at))
	}
	if info["aof_enabled"] != "1" {
		findings = append(findings,
			fmt.Errorf("%s keeps no append-only file, so that a restart loses records: set appendonly yes and appendfsync always", at))
		return worst(findings)
	}
	if status := info["aof_last_write_status"]; status != "ok" {
		findings = append(findings,
			fmt.Errorf("%s could not write its append-only file (aof_last_write_status %s): look at its disk and its log", at, status))
	}
	return worst(append(findings, checkSync(ctx, node, at)))
}

func checkCluster(ctx context.Context, node redis.Cmdable, at string) error {
	text, err := node.ClusterInfo(ctx).Result()
	if err != nil {
		return fmt.Errorf("%s does not tell the state of its cluster: %w", at, err)
	}
	if state := parseInfo(text)["cluster_state"]; state != "ok" {
		return fmt.Errorf("%s belongs to a cluster that does not serve all slots (cluster_state %s): look at CLUSTER NODES", at, state)
	}
	return nil
}

// checkSync asks how the append-only file is synced. INFO does not tell, and
// hosted servers often forbid CONFIG: what cannot be known is not assumed.
func checkSync(ctx context.Context, node redis.Cmdable, at string) error {
	config, err := node.ConfigGet(ctx, "appendfsync").Result()
	if err != nil {
		return fmt.Errorf("%s does not tell its appendfsync, which decides whether an acknowledged record is on disk: allow "+
			"CONFIG GET for this user (%w)", at, err)
	}
	switch value := config["appendfsync"]; value {
	case "always":
		return nil
	case "everysec":
		return fmt.Errorf("%s syncs its append-only file once a second: %w if the machine fails; set appendfsync always", at, ErrWeak)
	default:
		return fmt.Errorf("%s does not sync its append-only file by itself (appendfsync %s): set appendfsync always", at,
			strconv.Quote(value))
	}
}

// parseInfo reads the lines "name:value" of INFO.
func parseInfo(text string) map[string]string {
	info := make(map[string]string)
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	return info
}

var _ interface {
	ledger.Log
	Check(context.Context) error
} = (*Store)(nil)
