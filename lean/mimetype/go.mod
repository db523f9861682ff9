module github.com/gabriel-vasile/mimetype

go 1.26.0
