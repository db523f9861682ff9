package dependency

import (
	"path"
	"regexp"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/pattern"
)

// declaring is how the manifests of an ecosystem name what they need, and the
// names there that others are made to read like.
type declaring struct {
	in      func(string) bool
	expr    func() *regexp.Regexp
	section string // of the file's sections only those whose name holds it
	popular []string
}

var declarings = []declaring{
	{named("Cargo.toml"), pattern.Of(`^\s*["']?([\w-]+)["']?\s*(?:\.\s*(?:version|workspace)\s*)?=`), "dependencies", crateNames},
	{ruby, pattern.Of(`^\s*(?:gem|\w+\.add_\w*dependency)\s*\(?\s*["']([\w-]+)["']`), "", gemNames},
	{named("pyproject.toml"), pattern.Of(`^\s*["']?([\w.-]+)(?:\[[\w,]+\])?\s*(?:["']\s*,|[<>=~!;]|\s*=\s*["'{])`), "", pypiNames},
	{named("composer.json"), pattern.Of(`^\s*"([\w-]+/[\w.-]+)"\s*:`), "", composerNames},
}

// lookalikes looks for new names that read like others in manifests of which
// nothing else but lines is read.
func lookalikes(f *change.File, r *detect.Report) {
	if f.Before.State != change.Loaded {
		return
	}
	for _, d := range declarings {
		if !d.in(f.Path) {
			continue
		}
		sections := sectionsOf(f.After.Body, d.section)
		for _, l := range f.AddedLines() {
			m := d.expr().FindStringSubmatch(l.Text[:min(len(l.Text), 400)])
			if m == nil || d.section != "" && !sections[l.Number] || strings.Contains(f.Before.Body, m[1]) {
				continue
			}
			if like := typosquat(m[1], d.popular); like != "" {
				add(r, kindTyposquat, l.Number, m[1], "reads like "+like)
			}
		}
	}
}

// sectionsOf are the lines of a TOML text that stand in sections whose name holds
// a word.
func sectionsOf(body, word string) map[int]bool {
	if word == "" {
		return nil
	}
	out := map[int]bool{}
	n, in := 0, false
	for line := range strings.Lines(body) {
		n++
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "[") {
			in = strings.Contains(t, word)
		}
		if in {
			out[n] = true
		}
	}
	return out
}

// likeModule is the well-known module that the path of another reads like: its
// owner or its name is one keystroke from it, or the owner is it and some more.
func likeModule(module string) string {
	host, rest, _ := strings.Cut(strings.ToLower(module), "/")
	owner, name, ok := strings.Cut(rest, "/")
	if !ok || host != "github.com" {
		return ""
	}
	name, _, _ = strings.Cut(name, "/")
	like := ""
	for _, known := range goModules {
		o, n := path.Split(known)
		o = strings.TrimSuffix(o, "/")
		switch {
		case o == owner:
			return "" // whoever holds the well-known one holds this, too
		case n == name && (oneEdit(o, owner) || squash(o) == squash(owner) || len(o) > 4 && strings.HasPrefix(owner, o+"-")):
			like = "github.com/" + known
		}
	}
	return like
}

// Names that lookalikes are made of: among the most downloaded of each
// registry, and long enough to be mistyped. Neighbours that are packages of
// their own right stand in the lists too.
var npmNames = []string{"react", "preact", "express", "lodash", "axios", "chalk", "commander", "webpack", "typescript",
	"eslint", "prettier", "moment", "request", "redux", "jquery",
	"react-dom", "next", "vite", "vitest", "vue", "angular", "svelte", "mongoose", "dotenv", "rimraf", "semver", "yargs",
	"debug", "async", "bluebird", "underscore", "uuid", "colors", "cross-env",
	"body-parser", "jsonwebtoken", "bcrypt", "bcryptjs", "socket.io", "nodemon", "sequelize", "graphql", "electron",
	"puppeteer", "playwright", "tailwindcss", "postcss", "babel", "rollup", "esbuild", "cheerio", "discord.js", "ethers",
	"web3", "mysql", "mysql2", "redis", "ioredis", "winston", "passport", "cors", "helmet", "zod", "prisma", "sass", "jest",
	"mocha", "chai", "sinon"}

var pypiNames = []string{"requests", "urllib3", "numpy", "pandas", "django", "flask", "boto3", "botocore", "setuptools",
	"cryptography", "pyyaml", "jinja2", "sqlalchemy", "scipy", "matplotlib", "pillow",
	"tensorflow", "torch", "pytest", "selenium", "beautifulsoup4", "fastapi", "pydantic", "celery", "redis", "paramiko",
	"colorama", "python-dateutil", "certifi", "psycopg2", "pymongo", "scikit-learn", "openai", "langchain", "transformers",
	"httpx", "aiohttp", "starlette", "uvicorn", "gunicorn", "protobuf", "grpcio", "tornado", "twisted", "lxml", "openpyxl",
	"docker", "kubernetes", "ansible", "pyjwt", "pycryptodome"}

var crateNames = []string{"serde", "serde_json", "serde_yaml", "tokio", "anyhow", "thiserror", "clap", "reqwest", "hyper", "rand",
	"regex",
	"futures", "tracing", "chrono", "rustls", "openssl", "axum", "actix-web", "rayon", "diesel", "sqlx", "syn", "quote", "proc-macro2",
	"lazy_static", "once_cell", "itertools", "bytes", "uuid", "base64", "rust_decimal", "crossbeam", "parking_lot", "async-trait", "tower",
	"bincode", "tempfile", "faster_log", "async_println", "ethers", "solana-sdk"}

var gemNames = []string{"rails", "nokogiri", "devise", "sidekiq", "puma", "rspec", "rspec-rails", "rubocop", "activerecord",
	"activesupport",
	"faraday", "bootsnap", "capybara", "redis", "bundler", "sinatra", "resque", "carrierwave", "omniauth", "pundit", "cancancan", "jwt",
	"bcrypt", "stripe", "fastlane", "simplecov", "factory_bot", "factory_bot_rails", "httparty", "sassc", "webmock", "rest-client",
	"atlas-client", "strong_password", "paperclip"}

var composerNames = []string{"laravel/framework", "symfony/symfony", "symfony/console", "monolog/monolog", "guzzlehttp/guzzle",
	"phpunit/phpunit", "doctrine/orm", "doctrine/dbal", "nesbot/carbon", "ramsey/uuid", "league/flysystem", "twig/twig",
	"vlucas/phpdotenv", "firebase/php-jwt", "predis/predis", "symfony/http-foundation", "laravel/sanctum"}

var goModules = []string{"sirupsen/logrus", "boltdb/bolt", "etcd-io/bbolt", "gin-gonic/gin", "gorilla/mux", "stretchr/testify",
	"spf13/cobra", "spf13/viper", "spf13/pflag", "labstack/echo", "gofiber/fiber", "go-redis/redis", "redis/go-redis", "golang-jwt/jwt",
	"dgrijalva/jwt-go", "prometheus/client_golang", "google/uuid", "pkg/errors", "lib/pq", "jackc/pgx", "go-sql-driver/mysql",
	"mattn/go-sqlite3", "urfave/cli", "fsnotify/fsnotify", "hashicorp/vault", "aws/aws-sdk-go", "aws/aws-sdk-go-v2", "google/go-github",
	"go-chi/chi", "jinzhu/gorm", "nats-io/nats", "minio/minio-go", "shopspring/decimal", "blevesearch/bleve", "layeh/radius"}
