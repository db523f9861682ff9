package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
)

// Metrics are the figures that an operator watches. They are the keeper's
// Observer and the GitHub adapter's.
type Metrics struct {
	registry   *prometheus.Registry
	deliveries *prometheus.CounterVec
	verdicts   *prometheus.CounterVec
	published  *prometheus.HistogramVec
	failures   *prometheus.CounterVec
	appends    prometheus.Histogram
	requests   *prometheus.CounterVec
	latency    *prometheus.HistogramVec
	quota      prometheus.Gauge
	queued     prometheus.Gauge
	bypassed   *prometheus.CounterVec
	messages   *prometheus.CounterVec

	credentials *prometheus.CounterVec
}

// knownEvents bounds the event label: what a stranger posts must not grow the
// number of series.
var knownEvents = map[string]bool{
	"pull_request": true, "check_run": true, "check_suite": true, "push": true, "ping": true,
	"merge_group": true, "installation": true, "installation_repositories": true,
	"deployment": true, "deployment_status": true, "deployment_protection_rule": true,
	"workflow_run": true, "workflow_job": true,
}

// NewMetrics returns metrics of their own registry.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehold_deliveries_total", Help: "Webhook deliveries by event and outcome.",
		}, []string{"event", "outcome"}),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehold_verdicts_total", Help: "Verdicts by level, and whether the change is held.",
		}, []string{"level", "held", "agent"}),
		published: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gatehold_publish_seconds", Help: "From the delivery taken in to the check run painted.",
			Buckets: []float64{.05, .1, .15, .25, .5, 1, 2, 5, 10, 30, 60, 300, 1800},
		}, []string{"outcome"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehold_step_failures_total", Help: "Steps that did not succeed, and are tried again.",
		}, []string{"step", "code"}),
		appends: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "gatehold_append_seconds", Help: "Durable appends to the ledger.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .5, 2},
		}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehold_github_requests_total", Help: "Requests to GitHub by endpoint and status; status 0 is no answer.",
		}, []string{"endpoint", "status"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gatehold_github_request_seconds", Help: "Requests to GitHub by endpoint.",
			Buckets: prometheus.DefBuckets,
		}, []string{"endpoint"}),
		quota: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gatehold_github_quota_left", Help: "Requests left in the present hour, as GitHub said last.",
		}),
		queued: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gatehold_queue_streams", Help: "Streams that are due and not begun.",
		}),
		bypassed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehold_bypassed_total", Help: "Deployments that reached an environment without passing a gate.",
		}, []string{"environment"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehold_messages_total", Help: "Attempts to tell people by channel and outcome: sent, failed or given_up.",
		}, []string{"channel", "outcome"}),
		credentials: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehold_credentials_total", Help: "Requests for credentials, and endings, by outcome: given, pending, refused, ended, unended.",
		}, []string{"type", "outcome"}),
	}
	m.registry.MustRegister(m.deliveries, m.verdicts, m.published, m.failures, m.appends,
		m.requests, m.latency, m.quota, m.queued, m.bypassed, m.messages, m.credentials,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Standings is where the gauges of gates come from.
type Standings interface {
	Standings() map[gate.Standing]int
	Guards() map[board.Guarded]int
	OldestWaiting() time.Time // zero: none
	Unreviewed() int          // releases at once that nobody else has looked at
	// Untold is since when the oldest message waits that should have been sent, zero
	// for none, and how many are not tried any more.
	Untold() (oldest time.Time, givenUp int)
}

// Watch adds the gauges that are read from the keeper when they are asked for.
func (m *Metrics) Watch(s Standings, now func() time.Time) {
	for _, standing := range []gate.Standing{gate.IsJudging, gate.IsHeld, gate.IsWatching, gate.IsPassed, gate.IsFailing} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "gatehold_gates", Help: "Open gates by standing.",
			ConstLabels: prometheus.Labels{"standing": string(standing)},
		}, func() float64 { return float64(s.Standings()[standing]) }))
	}
	for _, guarded := range []board.Guarded{board.Enforced, board.NotEnforced, board.Unknown} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "gatehold_repositories", Help: "Repositories by whether GitHub waits for the check on the branches that are merged into.",
			ConstLabels: prometheus.Labels{"enforcement": string(guarded)},
		}, func() float64 { return float64(s.Guards()[guarded]) }))
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "gatehold_overrides_unreviewed", Help: "Releases at once (break glass) that nobody else has reviewed yet.",
	}, func() float64 { return float64(s.Unreviewed()) }))
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "gatehold_queue_age_seconds", Help: "Age of the oldest event that no verdict covers.",
	}, func() float64 {
		oldest := s.OldestWaiting()
		if oldest.IsZero() {
			return 0
		}
		return now().Sub(oldest).Seconds()
	}))
	m.watchMessages(s, now)
}

// watchMessages adds the gauges of what people were to be told and were not.
func (m *Metrics) watchMessages(s Standings, now func() time.Time) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "gatehold_messages_age_seconds", Help: "Age of the oldest message that should have been sent.",
	}, func() float64 {
		oldest, _ := s.Untold()
		if oldest.IsZero() {
			return 0
		}
		return now().Sub(oldest).Seconds()
	}), prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "gatehold_messages_given_up", Help: "Messages about what still waits that are not tried any more.",
	}, func() float64 {
		_, n := s.Untold()
		return float64(n)
	}))
}

// Handler serves the metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *Metrics) delivered(event, outcome string) {
	if !knownEvents[event] {
		event = "other"
	}
	m.deliveries.WithLabelValues(event, outcome).Inc()
}

// Judged implements keeper.Observer.
func (m *Metrics) Judged(v gate.Verdict) {
	m.verdicts.WithLabelValues(string(v.Level), strconv.FormatBool(v.Held), strconv.FormatBool(v.Agent.Is)).Inc()
}

// Published implements keeper.Observer.
func (m *Metrics) Published(outcome string, took time.Duration) {
	m.published.WithLabelValues(outcome).Observe(took.Seconds())
}

// Failed implements keeper.Observer.
func (m *Metrics) Failed(step, code string) { m.failures.WithLabelValues(step, code).Inc() }

// Appended implements keeper.Observer.
func (m *Metrics) Appended(took time.Duration) { m.appends.Observe(took.Seconds()) }

// Queued implements keeper.Observer.
func (m *Metrics) Queued(streams int) { m.queued.Set(float64(streams)) }

// Bypassed implements keeper.Observer. Environments are named by whoever makes
// them: the usual ones have a series of their own.
func (m *Metrics) Bypassed(environment string) {
	environment = strings.ToLower(environment)
	if !knownEnvironments[environment] {
		environment = "other"
	}
	m.bypassed.WithLabelValues(environment).Inc()
}

// Messaged implements keeper.Observer.
func (m *Metrics) Messaged(channel, outcome string) {
	m.messages.WithLabelValues(channel, outcome).Inc()
}

var knownEnvironments = map[string]bool{"production": true, "prod": true, "staging": true, "live": true, "preprod": true}

// Requested is told of every request to GitHub; quotaLeft is negative where
// the answer did not say.
func (m *Metrics) Requested(endpoint string, status int, took time.Duration, quotaLeft int) {
	m.requests.WithLabelValues(endpoint, strconv.Itoa(status)).Inc()
	m.latency.WithLabelValues(endpoint).Observe(took.Seconds())
	if quotaLeft >= 0 {
		m.quota.Set(float64(quotaLeft))
	}
}

// Credential implements keeper.Observer. Of what was not given there is no type.
func (m *Metrics) Credential(kind, outcome string) {
	m.credentials.WithLabelValues(kind, outcome).Inc()
}
