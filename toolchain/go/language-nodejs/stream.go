package main

import "sync"

// sender makes a writer of a gRPC stream's Send, which must not be called concurrently.
type sender struct {
	mu   *sync.Mutex
	send func([]byte) error
}

func (s sender) Write(chunk []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// The caller reuses its buffer; the message must own its bytes.
	if err := s.send(append([]byte(nil), chunk...)); err != nil {
		return 0, err
	}
	return len(chunk), nil
}
