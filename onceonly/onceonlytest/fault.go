package onceonlytest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Fault is a way to misbehave.
type Fault int

// The faults.
const (
	Healthy      Fault = iota
	Outage             // 503
	Broken             // the connection ends without an answer
	Hang               // no answer until the client gives up
	Forbidden          // 403
	Unauthorised       // 401, whatever the hash
	TooMany            // 429 with Retry-After: 30
	TooManyMute        // 429 without it
	Redirected         // 302 to another host
	ErrorPage          // 200 with a page of HTML
	ServerFault        // SOAP fault, code Server
	ClientFault        // SOAP fault, code Client
	OddFault           // SOAP fault with a code of its own
	NobodyFound        // an empty collection
	TwoAnswers         // two persons
	OtherPerson        // another person than asked for
	OtherName          // the person asked for, under another name
	OtherBirth         // the person asked for, born on another day
	CutList            // says two persons and sends one
	MalformedXML       // XML that ends in the middle
	Doctype            // XML with a document type definition
	OtherSpace         // XML in a foreign name space
	Twice              // an element twice
	Deep               // XML nested beyond reason
	HugeBody           // megabytes
	OtherPrefix        // a good answer under other prefixes
	Decomposed         // a good answer in Unicode NFD
	WholeName          // a good answer, the whole name in Ten
)

// transport misbehaves below SOAP and reports whether that was all.
func (f Fault) transport(w http.ResponseWriter, req *http.Request, entry *Received) bool {
	status := 0
	switch f {
	case Outage:
		status = http.StatusServiceUnavailable
	case Forbidden:
		status = http.StatusForbidden
	case Unauthorised:
		status = http.StatusUnauthorized
	case TooMany:
		w.Header().Set("Retry-After", "30")
		status = http.StatusTooManyRequests
	case TooManyMute:
		status = http.StatusTooManyRequests
	case Redirected:
		w.Header().Set("Location", "http://elsewhere.invalid/")
		status = http.StatusFound
	case ErrorPage:
		status = http.StatusOK
	case Broken:
		hangUp(w)
		return true
	case Hang:
		_, _ = io.Copy(io.Discard, io.LimitReader(req.Body, 64<<10)) // so that the server notices when the client goes
		<-req.Context().Done()
		return true
	default:
		return false
	}
	entry.Status = status
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<!DOCTYPE html><title>%d</title><p>Hệ thống</p>", status)
	return true
}

// hangUp ends the connection without a byte of answer.
func hangUp(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	conn, _, err := hijacker.Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// soap returns the code of the SOAP fault to answer with, if any.
func (f Fault) soap() string {
	switch f {
	case ServerFault:
		return "Server"
	case ClientFault:
		return "Client"
	case OddFault:
		return "BCA.9999"
	}
	return ""
}

func writeFault(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = io.WriteString(w, `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">`+
		`<soapenv:Body><soapenv:Fault><faultcode>soapenv:`+code+`</faultcode><faultstring>Yêu cầu không được xử lý</faultstring>`+
		`</soapenv:Fault></soapenv:Body></soapenv:Envelope>`)
}

// spoil makes a bad answer of a good one.
func (f Fault) spoil(xml string) string {
	switch f {
	case MalformedXML:
		return xml[:len(xml)*2/3]
	case Doctype:
		return strings.Replace(xml, "<soapenv:Envelope", `<!DOCTYPE x [<!ENTITY a "b">]><soapenv:Envelope`, 1)
	case OtherSpace:
		return strings.ReplaceAll(xml, "http://www.mic.gov.vn/dancu/1.0", "http://www.mic.gov.vn/dancu/9.9")
	case Twice:
		return strings.Replace(xml, "<ns1:SoCMND>", "<ns1:SoDinhDanh>000000000000</ns1:SoDinhDanh><ns1:SoCMND>", 1)
	case Deep:
		return strings.Replace(xml, "<ns1:SoCMND>", strings.Repeat("<ns1:x>", 200)+strings.Repeat("</ns1:x>", 200)+
			"<ns1:SoCMND>", 1)
	case HugeBody:
		return xml + strings.Repeat(" ", 8<<20)
	case OtherPrefix:
		return strings.NewReplacer("ns1:", "khac:", ":ns1", ":khac", "soapenv:", "S:", ":soapenv", ":S").Replace(xml)
	}
	return xml
}
