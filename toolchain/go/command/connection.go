package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// endpoint is one hop: the host itself or the bastion before it.
type endpoint struct {
	Host               string  `json:"host"`
	Port               float64 `json:"port"`
	User               string  `json:"user"`
	Password           string  `json:"password"`
	PrivateKey         string  `json:"privateKey"`
	PrivateKeyPassword string  `json:"privateKeyPassword"`
	AgentSocketPath    string  `json:"agentSocketPath"`
	HostKey            string  `json:"hostKey"`
	DialErrorLimit     *int    `json:"dialErrorLimit"`
	PerDialTimeout     *int    `json:"perDialTimeout"`
}

// connection is the `connection` of a remote resource.
type connection struct {
	endpoint
	Proxy *endpoint `json:"proxy"`
}

// Dial retries as the official provider does: 0.1 s, half as much again each time, at most 5 s.
const (
	firstRetryDelay = 100 * time.Millisecond
	retryGrowth     = 1.5
	longestDelay    = 5 * time.Second

	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15
	unlimited             = -1
)

func (e endpoint) address() string {
	port := int(e.Port)
	if port == 0 {
		port = 22
	}
	return net.JoinHostPort(e.Host, strconv.Itoa(port))
}

func (e endpoint) dialErrorLimit() int {
	if e.DialErrorLimit == nil {
		return defaultDialErrorLimit
	}
	return *e.DialErrorLimit
}

func (e endpoint) perDialTimeout() time.Duration {
	if e.PerDialTimeout == nil {
		return defaultPerDialTimeout * time.Second
	}
	return time.Duration(*e.PerDialTimeout) * time.Second
}

// clientConfig holds an open agent connection; the caller closes it after the handshake.
func (e endpoint) clientConfig() (*ssh.ClientConfig, func(), error) {
	config := &ssh.ClientConfig{User: e.User, Timeout: e.perDialTimeout(), HostKeyCallback: ssh.InsecureIgnoreHostKey()}
	if config.User == "" {
		config.User = "root"
	}
	if e.HostKey != "" {
		expected, _, _, _, err := ssh.ParseAuthorizedKey([]byte(e.HostKey))
		if err != nil {
			return nil, nil, fmt.Errorf("connection.hostKey is not a public key in authorized_keys form: %w", err)
		}
		config.HostKeyCallback = ssh.FixedHostKey(expected)
		config.HostKeyAlgorithms = algorithmsOf(expected)
	}
	if e.PrivateKey != "" {
		signer, err := parseKey(e.PrivateKey, e.PrivateKeyPassword)
		if err != nil {
			return nil, nil, fmt.Errorf("connection.privateKey: %w", err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if e.Password != "" {
		config.Auth = append(config.Auth, ssh.Password(e.Password), ssh.KeyboardInteractive(
			func(_, _ string, questions []string, _ []bool) ([]string, error) {
				answers := make([]string, len(questions))
				for index := range answers {
					answers[index] = e.Password
				}
				return answers, nil
			}))
	}
	closeAgent := func() {}
	socket := e.AgentSocketPath
	if socket == "" {
		socket = os.Getenv("SSH_AUTH_SOCK")
	}
	if socket != "" {
		// A socket that nobody serves any more fails the command, even if only the environment names it.
		dialed, err := net.Dial("unix", socket)
		if err != nil {
			return nil, nil, err
		}
		closeAgent = func() { _ = dialed.Close() }
		config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(dialed).Signers))
	}
	return config, closeAgent, nil
}

func parseKey(text, password string) (ssh.Signer, error) {
	if password != "" {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(text), []byte(password))
	}
	return ssh.ParsePrivateKey([]byte(text))
}

// algorithmsOf makes a server that has several keys show the one that is pinned.
func algorithmsOf(key ssh.PublicKey) []string {
	if key.Type() == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	return []string{key.Type()}
}

// dial connects through the bastion, if there is one. Closing the client closes the whole way.
func (c connection) dial(ctx context.Context, op operation) (*client, error) {
	direct := &net.Dialer{}
	if c.Proxy == nil {
		return c.endpoint.dialThrough(ctx, op, "Dial", direct.DialContext, nil)
	}
	bastion, err := c.Proxy.dialThrough(ctx, op, "Dial proxy", direct.DialContext, nil)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	host, err := c.endpoint.dialThrough(ctx, op, "Dial from proxy", bastion.DialContext, bastion)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("proxy: %w", err), ignoreClosed(bastion.Close()))
	}
	return host, nil
}

// client is an SSH client together with the hop it came through.
type client struct {
	*ssh.Client
	through *client
}

func (c *client) Close() error {
	err := ignoreClosed(c.Client.Close())
	if c.through != nil {
		err = errors.Join(err, c.through.Close())
	}
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

func (e endpoint) dialThrough(
	ctx context.Context, op operation, what string, dial dialFunc, through *client,
) (*client, error) {
	config, closeAgent, err := e.clientConfig()
	if err != nil {
		return nil, err
	}
	defer closeAgent()
	delay := firstRetryDelay
	for failed := 1; ; failed++ {
		connected, err := e.dialOnce(ctx, dial, config)
		if err == nil {
			return &client{connected, through}, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx) // and nothing of the last failure, as from the official provider
		}
		limit, shown := e.dialErrorLimit(), "inf"
		if limit != unlimited {
			shown = strconv.Itoa(limit)
			if failed > limit {
				return nil, fmt.Errorf("after %d failed attempts: %w", limit, err)
			}
		}
		op.log.status(ctx, op.urn, fmt.Sprintf("%s %d/%s failed: retrying", what, failed, shown))
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(delay):
		}
		delay = min(time.Duration(float64(delay)*retryGrowth), longestDelay)
	}
}

func (e endpoint) dialOnce(call context.Context, dial dialFunc, config *ssh.ClientConfig) (*ssh.Client, error) {
	ctx, cancel := call, context.CancelFunc(func() {})
	if config.Timeout > 0 {
		ctx, cancel = context.WithTimeout(call, config.Timeout)
	}
	defer cancel()
	raw, err := dial(ctx, "tcp", e.address())
	if err != nil {
		return nil, err
	}
	// A handshake knows no context, and a connection through a bastion no deadline: closing ends it.
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	transport, channels, requests, err := ssh.NewClientConn(raw, e.address(), config)
	if !stop() && err == nil {
		_ = transport.Close()
		err = ctx.Err()
	}
	if err != nil {
		_ = raw.Close()
		if ctx.Err() != nil && call.Err() == nil {
			return nil, fmt.Errorf("no SSH handshake with %s within %s: %w", e.address(), config.Timeout, err)
		}
		return nil, err
	}
	return ssh.NewClient(transport, channels, requests), nil
}
