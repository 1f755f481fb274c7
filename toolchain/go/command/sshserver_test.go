package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// sshServer is an SSH server on loopback that runs commands with sh, serves sftp, and forwards TCP.
type sshServer struct {
	t       *testing.T
	config  *ssh.ServerConfig
	hostKey ssh.Signer
	userKey string
	port    int
	// acceptsEnvironment is sshd's AcceptEnv.
	acceptsEnvironment bool
	// refuse is how many connections are closed before the handshake.
	refuse int

	mu        sync.Mutex
	accepted  int
	open      int
	forwarded []string
}

func newKey(t *testing.T) (string, ssh.Signer) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block)), signer
}

func startServer(t *testing.T, options ...func(*sshServer)) *sshServer {
	t.Helper()
	_, hostKey := newKey(t)
	userKey, user := newKey(t)
	server := &sshServer{t: t, hostKey: hostKey, userKey: userKey}
	server.config = &ssh.ServerConfig{
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if string(key.Marshal()) != string(user.PublicKey().Marshal()) {
				return nil, fmt.Errorf("unknown key")
			}
			return nil, nil
		},
		PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if string(password) != "correct horse" {
				return nil, fmt.Errorf("wrong password")
			}
			return nil, nil
		},
	}
	server.config.AddHostKey(hostKey)
	for _, option := range options {
		option(server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	server.port = listener.Addr().(*net.TCPAddr).Port
	go func() {
		for {
			raw, err := listener.Accept()
			if err != nil {
				return
			}
			go server.serve(raw)
		}
	}()
	return server
}

func (s *sshServer) publicHostKey() string {
	return string(ssh.MarshalAuthorizedKey(s.hostKey.PublicKey()))
}

// connection is the resource's property for this server.
func (s *sshServer) connection() map[string]any {
	return map[string]any{
		"host": "127.0.0.1", "port": float64(s.port), "user": "tester",
		"privateKey": s.userKey, "hostKey": s.publicHostKey(),
	}
}

func (s *sshServer) counts() (accepted, open int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted, s.open
}

// waitClosed waits until no client is connected any more.
func (s *sshServer) waitClosed() {
	s.t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, open := s.counts(); open == 0 {
			return
		} else if time.Now().After(deadline) {
			s.t.Fatalf("%d SSH connections are still open after 5 s", open)
		}
	}
}

func (s *sshServer) serve(raw net.Conn) {
	defer raw.Close()
	s.mu.Lock()
	s.accepted++
	refused := s.accepted <= s.refuse
	s.mu.Unlock()
	if refused {
		return
	}
	transport, channels, requests, err := ssh.NewServerConn(raw, s.config)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.open++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.open--
		s.mu.Unlock()
	}()
	go ssh.DiscardRequests(requests)
	for incoming := range channels {
		switch incoming.ChannelType() {
		case "session":
			go s.session(incoming)
		case "direct-tcpip":
			go s.forward(incoming)
		default:
			_ = incoming.Reject(ssh.UnknownChannelType, "")
		}
	}
	_ = transport.Wait()
}

func (s *sshServer) forward(incoming ssh.NewChannel) {
	var target struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if ssh.Unmarshal(incoming.ExtraData(), &target) != nil {
		_ = incoming.Reject(ssh.ConnectionFailed, "malformed")
		return
	}
	address := net.JoinHostPort(target.Host, strconv.Itoa(int(target.Port)))
	s.mu.Lock()
	s.forwarded = append(s.forwarded, address)
	s.mu.Unlock()
	out, err := net.Dial("tcp", address)
	if err != nil {
		_ = incoming.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := incoming.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	go func() { _, _ = io.Copy(out, channel); _ = out.Close() }()
	_, _ = io.Copy(channel, out)
	_ = channel.Close()
}

func (s *sshServer) session(incoming ssh.NewChannel) {
	channel, requests, err := incoming.Accept()
	if err != nil {
		return
	}
	defer channel.Close()
	environment := []string{"PATH=/usr/bin:/bin"}
	for request := range requests {
		var payload struct{ Text string }
		_ = ssh.Unmarshal(request.Payload, &payload)
		switch request.Type {
		case "env":
			var variable struct{ Name, Value string }
			_ = ssh.Unmarshal(request.Payload, &variable)
			environment = append(environment, variable.Name+"="+variable.Value)
			_ = request.Reply(s.acceptsEnvironment, nil)
		case "exec":
			_ = request.Reply(true, nil)
			cmd := exec.Command("sh", "-c", payload.Text)
			cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = environment, channel, channel, channel.Stderr()
			// Commands in these tests that do not read their input must not wait for its end.
			cmd.WaitDelay = 100 * time.Millisecond
			if strings.HasPrefix(payload.Text, "VANISH") {
				return // the connection ends without an exit status
			}
			_ = cmd.Run()
			status := struct{ Code uint32 }{uint32(max(cmd.ProcessState.ExitCode(), 0))}
			_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(status))
			return
		case "subsystem":
			_ = request.Reply(payload.Text == "sftp", nil)
			server, err := sftp.NewServer(channel)
			if err == nil {
				_ = server.Serve()
			}
			return
		default:
			_ = request.Reply(false, nil)
		}
	}
}
