package cms

import (
	"crypto/x509"
	"errors"
)

var errUnread = errors.New("cms: left unread")

// ParseRaw is [Parse] for readers that know more kinds of key than crypto/x509: it leaves all certificates unread and
// returns them in DER, in the order of the message.
func ParseRaw(input []byte) (m *Message, certificates [][]byte, rest []byte, err error) {
	keep := func(der []byte) (*x509.Certificate, error) {
		certificates = append(certificates, der)
		return nil, errUnread
	}
	m, rest, err = Reader{Certificate: keep}.Parse(input)
	return m, certificates, rest, err
}

// SignedBytes returns what the signature value is over: the signed attributes as a SET, nil when there are none.
func (s *Signer) SignedBytes() []byte { return s.signed }
