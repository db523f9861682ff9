# A static binary, run by nobody, with nothing beside it.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
COPY lean ./lean
RUN go mod download
COPY . .
ARG VERSION=devel
RUN make build VERSION=${VERSION} OUT=/gatehold \
 && mkdir /data

FROM gcr.io/distroless/static:nonroot
COPY --from=build /gatehold /gatehold
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
ENV GATEHOLD_LISTEN=:8080 GATEHOLD_STORE=sqlite:/data/gatehold.db
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/gatehold"]
CMD ["serve"]
