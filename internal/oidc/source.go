package oidc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Bounds of asking an issuer.
const (
	maxAnswer = 512 << 10
	readTime  = 10 * time.Second // both documents together
	stepTime  = 5 * time.Second
)

// source is where an issuer's keys come from. One reading goes on at a time.
type source struct {
	Issuer
	client *http.Client
	now    func() time.Time

	jwks string // as its discovery document says
	said time.Time
}

// newClient makes a client for one issuer. It knows no proxy but where the issuer lies
// in a private network: the address at which a proxy arrives is not seen from here.
func newClient(i Issuer) *http.Client {
	dialer := &net.Dialer{Timeout: stepTime, ControlContext: reach{private: i.Private, local: i.Local}.control}
	t := &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: stepTime, ResponseHeaderTimeout: stepTime,
		MaxResponseHeaderBytes: 64 << 10, MaxConnsPerHost: 2, IdleConnTimeout: stepTime, DisableCompression: true, ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if i.CA != "" {
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		t.TLSClientConfig.RootCAs.AppendCertsFromPEM([]byte(i.CA))
	}
	if i.Private {
		t.Proxy = http.ProxyFromEnvironment
	}
	return &http.Client{Transport: t, Timeout: readTime, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("it answers with a redirect, which is not followed")
	}}
}

func (s *source) read(ctx context.Context) ([]jose.JSONWebKey, error) {
	text, err := s.text(ctx)
	if err != nil {
		return nil, err
	}
	return readKeys(text)
}

func (s *source) text(ctx context.Context) ([]byte, error) {
	switch {
	case strings.HasPrefix(s.JWKS, "https://") || strings.HasPrefix(s.JWKS, "http://"):
		return s.get(ctx, s.JWKS)
	case s.JWKS != "":
		f, err := os.Open(s.JWKS)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return bounded(f)
	}
	if !within(s.now(), s.said, keepFor) {
		if err := s.discover(ctx); err != nil {
			return nil, err
		}
	}
	text, err := s.get(ctx, s.jwks)
	if err != nil {
		s.said = time.Time{} // perhaps they have moved
	}
	return text, err
}

// discover reads where the issuer's keys are. They lie on its own host, so that a
// document which was tampered with leads nowhere else.
// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation
func (s *source) discover(ctx context.Context) error {
	text, err := s.get(ctx, strings.TrimSuffix(s.URL, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return err
	}
	var said struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return errors.New("its discovery document is not readable JSON")
	}
	if said.Issuer != s.URL {
		return errors.New("its discovery document is of another issuer")
	}
	own, err := url.Parse(s.URL)
	if err != nil {
		return errors.New("the issuer is no address")
	}
	keys, err := url.Parse(said.JWKS)
	if err != nil || keys.Scheme != own.Scheme || keys.Host != own.Host || keys.User != nil || keys.Opaque != "" || keys.Fragment != "" {
		return errors.New("its discovery document says that its keys are on another host: if they are, configure their address as jwks")
	}
	s.jwks, s.said = said.JWKS, s.now()
	return nil
}

func (s *source) get(ctx context.Context, address string) ([]byte, error) {
	if !strings.HasPrefix(address, "https://") && !(s.Local && strings.HasPrefix(address, "http://")) {
		return nil, errors.New("its address is not https")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the address is none")
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "gatehold")
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s with status %d", address, resp.StatusCode)
	}
	return bounded(resp.Body)
}

func bounded(from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxAnswer+1))
	if err == nil && len(text) > maxAnswer {
		err = fmt.Errorf("it is longer than %d bytes", maxAnswer)
	}
	return text, err
}
