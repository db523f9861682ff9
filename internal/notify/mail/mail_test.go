package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/notify/mail"
	"github.com/gatehold/gatehold/internal/notify/notifytest"
)

// server is a mail server: it demands TLS and a password, and refuses as such do.
type server struct {
	mu     sync.Mutex
	got    []letter
	refuse error // its answer to the next letters
}

type letter struct {
	from string
	to   []string
	text string
}

type session struct {
	*server
	signedIn bool
	letter   letter
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }
func (s *session) AuthMechanisms() []string                   { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "gatehold" || password != "Sw0rdf1sh" {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.signedIn {
		return smtp.ErrAuthRequired
	}
	s.letter.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letter.to = append(s.letter.to, to)
	return s.refuse
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letter.text = string(text)
	s.got = append(s.got, s.letter)
	return err
}

func (s *session) Reset()        { s.letter = letter{} }
func (s *session) Logout() error { return nil }

// serve is a mail server on this machine, and the channel that sends by it.
func serve(t *testing.T) (*server, mail.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(certificate)
	s := &server{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	running := smtp.NewServer(s)
	running.TLSConfig = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	running.Domain = "localhost"
	served := make(chan error, 1)
	go func() { served <- running.Serve(listener) }()
	t.Cleanup(func() {
		if err := running.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Error(err)
		}
	})
	return s, mail.Config{
		Name: "oncall", Host: "localhost", Port: listener.Addr().(*net.TCPAddr).Port, Security: mail.StartTLS,
		User: "gatehold", Password: "Sw0rdf1sh", From: "gatehold@acme.example", To: []string{"ops@acme.example", "sec@acme.example"},
		Options: []gomail.Option{gomail.WithTLSConfig(&tls.Config{RootCAs: trusted, ServerName: "localhost"})},
	}
}

// parts are the texts of a letter by their kind.
func parts(t *testing.T, text string) (netmail.Header, map[string]string) {
	t.Helper()
	message, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	_, boundary, _ := strings.Cut(message.Header.Get("Content-Type"), "boundary=")
	reader := multipart.NewReader(message.Body, strings.Trim(strings.TrimSpace(boundary), `"`))
	out := map[string]string{}
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return message.Header, out
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(part.Header.Get("Content-Type"), ";")
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		out[kind] = string(body)
	}
}

// Letters about one gate are a thread, one that is tried again has the same id, and
// nothing in them that others wrote is markup, a link, or another header.
func TestLetters(t *testing.T) {
	s, c := serve(t)
	m := mail.New(c)
	d := notifytest.Delivery()
	d.Title += "\r\nBcc: all@acme.example"
	first, err := m.Send(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Send(t.Context(), d)
	if err != nil || again != first {
		t.Fatalf("tried again it is %q and not %q: %v", again, first, err)
	}
	d.ID, d.First, d.State = "msg_2", first, notify.Released
	if _, err := m.Send(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if len(s.got) != 3 || s.got[0].from != "gatehold@acme.example" || strings.Join(s.got[0].to, " ") != "ops@acme.example sec@acme.example" {
		t.Fatalf("the server has %+v", s.got)
	}
	header, texts := parts(t, s.got[0].text)
	retried, _ := parts(t, s.got[1].text)
	answer, _ := parts(t, s.got[2].text)
	id := header.Get("Message-ID")
	switch {
	case id != "<"+first+">" || retried.Get("Message-ID") != id || answer.Get("Message-ID") == id:
		t.Errorf("ids: %q, %q, %q", id, retried.Get("Message-ID"), answer.Get("Message-ID"))
	case header.Get("In-Reply-To") != "" || answer.Get("In-Reply-To") != id || answer.Get("References") != id:
		t.Errorf("the thread: %q, %q, %q", header.Get("In-Reply-To"), answer.Get("In-Reply-To"), answer.Get("References"))
	case header.Get("Bcc") != "" || header.Get("Auto-Submitted") != "auto-generated":
		t.Errorf("headers: %v", header)
	}
	page, plain := texts["text/html"], texts["text/plain"]
	for _, bad := range []string{"<script", "<img", "<https", "<at>", "<!channel", "https://evil", "www.evil"} {
		if strings.Contains(page, bad) || !strings.HasPrefix(bad, "<") && strings.Contains(plain, bad) {
			t.Errorf("it holds %q:\n%s\n%s", bad, page, plain)
		}
	}
	if strings.Count(page, "href=") != 2 || !strings.Contains(page, `href="https://github.com/acme/shop/pull/7"`) ||
		!strings.Contains(plain, "and 3 more findings.") {
		t.Errorf("it says:\n%s\n%s", page, plain)
	}
}

func TestWhatAServerRefuses(t *testing.T) {
	s, c := serve(t)
	if err := mail.New(c).Check(t.Context()); err != nil {
		t.Errorf("what is right: %v", err)
	}
	wrong := c
	wrong.Password = "Sw0rdf1sh2"
	if known := gate.AsError(mail.New(wrong).Check(t.Context())); known.Code != notify.Refused || !known.Final ||
		strings.Contains(known.Error(), "Sw0rdf1sh") {
		t.Errorf("another password: %v", known)
	}
	open := c
	open.Security, open.Options = mail.Plain, nil
	if _, err := mail.New(open).Send(t.Context(), notifytest.Delivery()); err == nil || len(s.got) > 0 {
		t.Errorf("a password went without encryption: %v", err)
	}
	for _, refusal := range []struct {
		smtp.SMTPError
		code  string
		final bool
	}{
		{smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "try later"}, notify.Unavailable, false},
		{smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}, notify.Refused, true},
	} {
		s.mu.Lock()
		s.refuse = &refusal.SMTPError
		s.mu.Unlock()
		_, err := mail.New(c).Send(t.Context(), notifytest.Delivery())
		if known := gate.AsError(err); known.Code != refusal.code || known.Final != refusal.final {
			t.Errorf("%d is %v, final %v", refusal.Code, err, known.Final)
		}
	}
	nobody := c
	nobody.Port = 1
	if known := gate.AsError(mail.New(nobody).Check(t.Context())); known.Code != notify.Unavailable || known.Final {
		t.Errorf("no server: %v", known)
	}
}

// A message to a person can be left by one request, which the headers name as RFC 8058 has
// them; one to a channel cannot. Lines of code are in both texts, and mean nothing there.
func TestAPersonCanLeave(t *testing.T) {
	s, config := serve(t)
	m := mail.New(config)
	d := notifytest.Delivery()
	d.Leave, d.Hunks = "https://gate.acme.example/unsubscribe?of=x", []notify.Hunk{{Path: "a.sql", Lines: []string{"-DROP TABLE a;", "+<script>alert(2)</script>"}}}
	for _, leave := range []string{d.Leave, ""} {
		d.Leave = leave
		if _, err := m.Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	header, texts := parts(t, s.got[0].text)
	if header.Get("List-Unsubscribe") != "<https://gate.acme.example/unsubscribe?of=x>" || header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("the headers are %q and %q", header.Get("List-Unsubscribe"), header.Get("List-Unsubscribe-Post"))
	}
	if without, _ := parts(t, s.got[1].text); without.Get("List-Unsubscribe") != "" || without.Get("List-Unsubscribe-Post") != "" {
		t.Error("a channel can be left")
	}
	for kind, text := range texts {
		if !strings.Contains(text, "DROP TABLE a;") || strings.Contains(text, "<script") && strings.Contains(kind, "html") {
			t.Errorf("%s says %s", kind, text)
		}
	}
}
