// Command probe is the whole content of the image that tests run in pods: an HTTP server that says who answers,
// an HTTP client and a name lookup, so that no shell or package is needed in a pod to test the network from it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sort"
	"strings"
	"syscall"
	"time"
)

const usage = `usage:
  probe serve [ADDRESS]                 answer GET / with the host name; ADDRESS defaults to :8080
  probe get [--timeout 5s] [--retry 0s] URL
                                        print the body; exit 1 unless the status is 2xx
  probe lookup [--timeout 5s] NAME      print the addresses of NAME, one a line, sorted
--retry tries again until that much time has passed.`

func main() {
	if len(os.Args) < 2 {
		fail(2, usage)
	}
	context, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var err error
	switch os.Args[1] {
	case "serve":
		err = serve(context, os.Args[2:])
	case "get":
		err = get(context, os.Args[2:])
	case "lookup":
		err = lookup(context, os.Args[2:])
	default:
		fail(2, fmt.Sprintf("probe: unknown command %q\n%s", os.Args[1], usage))
	}
	if err != nil {
		fail(1, "probe: "+err.Error())
	}
}

func fail(code int, message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(code)
}

// serve answers every path with the host name, which in a pod is the pod's name, until ctx ends.
func serve(ctx context.Context, arguments []string) error {
	address := ":8080"
	if len(arguments) > 0 {
		address = arguments[0]
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr:              address,
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			response.Header().Set("Content-Type", "text/plain; charset=utf-8")
			fmt.Fprintln(response, name)
		}),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func get(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("get", flag.ExitOnError)
	timeout := flags.Duration("timeout", 5*time.Second, "limit of one request")
	retry := flags.Duration("retry", 0, "try again until this much time has passed")
	url, err := parse(flags, arguments, "URL")
	if err != nil {
		return err
	}
	deadline := time.Now().Add(*retry)
	for {
		body, err := getOnce(ctx, url, *timeout)
		if err == nil {
			_, err = os.Stdout.Write(body)
			return err
		}
		if ctx.Err() != nil || !time.Now().Before(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func getOnce(ctx context.Context, url string, timeout time.Duration) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	// A probe asks for the way of now: a kept-alive connection would go on reaching a backend that was taken out.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, Proxy: nil}}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		return nil, fmt.Errorf("GET %s: %s: %s", url, response.Status, strings.TrimSpace(string(body)))
	}
	return body, nil
}

func lookup(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("lookup", flag.ExitOnError)
	timeout := flags.Duration("timeout", 5*time.Second, "limit of the whole lookup")
	name, err := parse(flags, arguments, "NAME")
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(limited, name)
	if err != nil {
		return err
	}
	sort.Strings(addresses)
	fmt.Println(strings.Join(addresses, "\n"))
	return nil
}

// parse takes flags before and after the one argument, so that `get URL --timeout 1s` works as people write it.
func parse(flags *flag.FlagSet, arguments []string, what string) (string, error) {
	var values []string
	for len(arguments) > 0 {
		if err := flags.Parse(arguments); err != nil {
			return "", err
		}
		if flags.NArg() == 0 {
			break
		}
		values = append(values, flags.Arg(0))
		arguments = flags.Args()[1:]
	}
	if len(values) != 1 {
		return "", fmt.Errorf("%s takes exactly one %s, got %d\n%s", flags.Name(), what, len(values), usage)
	}
	return values[0], nil
}
