package signature

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/pki"
)

const (
	maxListBytes   = 32 << 20 // the largest national lists have under ten
	maxListEntries = 4096
)

// What ETSI TS 119 612 calls the services and statuses that count here (clauses 5.5.1 and 5.5.4). The last three ended with
// eIDAS on 2016-07-01 and stand in histories.
const (
	serviceCA  = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
	serviceTSA = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"
	statusBase = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
	usageBase  = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/"
)

var grantedStatuses = []string{"granted", "undersupervision", "accredited", "supervisionincessation"}

type (
	etsiList struct {
		XMLName xml.Name `xml:"http://uri.etsi.org/02231/v2# TrustServiceStatusList"`
		Scheme  struct {
			Version  int       `xml:"TSLVersionIdentifier"`
			Sequence int       `xml:"TSLSequenceNumber"`
			Operator []string  `xml:"SchemeOperatorName>Name"`
			Issued   time.Time `xml:"ListIssueDateTime"`
			Next     string    `xml:"NextUpdate>dateTime"`
		} `xml:"SchemeInformation"`
		Services []etsiService `xml:"TrustServiceProviderList>TrustServiceProvider>TSPServices>TSPService"`
	}
	etsiService struct {
		Now     etsiState   `xml:"ServiceInformation"`
		History []etsiState `xml:"ServiceHistory>ServiceHistoryInstance"`
	}
	etsiState struct {
		Type         string    `xml:"ServiceTypeIdentifier"`
		Certificates []string  `xml:"ServiceDigitalIdentity>DigitalId>X509Certificate"`
		Status       string    `xml:"ServiceStatus"`
		Since        time.Time `xml:"StatusStartingTime"`
		Usages       []string  `xml:"ServiceInformationExtensions>Extension>AdditionalServiceInformation>URI"`
	}
)

// ParseEuropeanList makes a store of a trusted list as the member states of the European Union publish them (ETSI TS 119
// 612, XML): the authorities that issue qualified certificates for signatures or seals, and the qualified time-stamp
// authorities, each for the times in which it was granted. They are [RoleForeign] and [RoleTimestamp]; other services are
// left out. Which of them count in Viet Nam is not the list's to say.
//
// The list's own signature (XML-DSig) is not verified here. The caller does that with other software, or reads the list's
// digest where its publisher states it, and confirms the file by its SHA-256. It refuses another file, a list that was not
// yet issued or should have been replaced at the time at, and one whose sequence number is below least. Errors:
// [*PolicyError], [ErrNoAnchors].
func ParseEuropeanList(data []byte, confirmed [sha256.Size]byte, at time.Time, least int) (*TrustStore, error) {
	if len(data) > maxListBytes {
		return nil, &PolicyError{"European list", "at most 32 MiB"}
	}
	if sha256.Sum256(data) != confirmed {
		return nil, &PolicyError{"European list: digest", "the one that was confirmed"}
	}
	in, err := decodeList(data)
	if err != nil {
		return nil, err
	}
	if in.Scheme.Version < 5 || in.Scheme.Version > 6 || len(in.Scheme.Operator) == 0 {
		return nil, &PolicyError{"European list", "version 5 or 6 of the format, with its operator"}
	}
	if in.Scheme.Sequence < max(least, 1) {
		return nil, &PolicyError{"European list: sequence number", "not older than the one known"}
	}
	until, err := time.Parse(time.RFC3339, strings.TrimSpace(in.Scheme.Next))
	if err != nil {
		return nil, &PolicyError{"European list: next update", "a time: a closed list vouches for nothing"}
	}
	list := TrustList{Owner: in.Scheme.Operator[0], Version: in.Scheme.Sequence, Issued: in.Scheme.Issued, Until: until}
	for _, s := range in.Services {
		entries, err := s.entries()
		if err != nil {
			return nil, err
		}
		if list.Entries = append(list.Entries, entries...); len(list.Entries) > maxListEntries {
			return nil, &PolicyError{"European list", "at most 4096 entries"}
		}
	}
	return list.store(at)
}

// decodeList reads one XML document without a document type: there is nothing in one but trouble.
func decodeList(data []byte) (*etsiList, error) {
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if _, directive := token.(xml.Directive); err != nil || directive {
			return nil, &PolicyError{"European list", "well-formed XML without a document type"}
		}
	}
	in := new(etsiList)
	if err := xml.Unmarshal(data, in); err != nil {
		return nil, &PolicyError{"European list", "a TrustServiceStatusList of ETSI TS 119 612"}
	}
	return in, nil
}

// entries are the service's certificates for each time in which it was granted. A state ends where the next begins.
func (s etsiService) entries() (out []TrustEntry, err error) {
	states := append([]etsiState{s.Now}, s.History...)
	slices.SortStableFunc(states, func(a, b etsiState) int { return a.Since.Compare(b.Since) })
	for i, state := range states {
		var until time.Time
		if i+1 < len(states) {
			until = states[i+1].Since
		}
		role, ok := state.role()
		if !ok || !until.IsZero() && !until.After(state.Since) {
			continue
		}
		for _, text := range s.Now.Certificates { // a history may name the service by its key alone
			der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
			if err != nil {
				return nil, &PolicyError{"European list: certificate", "base64"}
			}
			cert, err := pki.ParseCertificate(der)
			if err != nil || !role.anchors(cert) {
				continue // of a kind that cannot be used here vouches for nobody here
			}
			out = append(out, TrustEntry{Certificate: cert, Role: role, Anchor: true, Since: state.Since, Until: until,
				NoSignatures: role == RoleTimestamp, NoTimestamps: role != RoleTimestamp})
		}
	}
	return out, nil
}

// role says what a state makes of a service; ok is false when it counts for nothing here.
func (s etsiState) role() (Role, bool) {
	status, _ := strings.CutPrefix(strings.TrimSpace(s.Status), statusBase)
	if s.Since.IsZero() || !slices.Contains(grantedStatuses, status) {
		return "", false
	}
	switch strings.TrimSpace(s.Type) {
	case serviceCA:
		return RoleForeign, len(s.Usages) == 0 || slices.ContainsFunc(s.Usages, func(u string) bool {
			u = strings.TrimSpace(u)
			return u == usageBase+"ForeSignatures" || u == usageBase+"ForeSeals"
		})
	case serviceTSA:
		return RoleTimestamp, true
	}
	return "", false
}
