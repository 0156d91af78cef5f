package signature

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The ETSI validation report (TS 119 102-2). Only what this package knows is written; the order of elements is that of
// the schema.
type (
	xmlReport struct {
		XMLName    xml.Name       `xml:"http://uri.etsi.org/19102/v1.2.1# ValidationReport"`
		DS         string         `xml:"xmlns:ds,attr"`
		Signatures []xmlSignature `xml:"SignatureValidationReport"`
		Objects    []xmlObject    `xml:"SignatureValidationObjects>ValidationObject,omitempty"`
	}
	xmlSignature struct {
		Identifier xmlIdentifier `xml:"SignatureIdentifier"`
		Time       xmlTimes      `xml:"ValidationTimeInfo"`
		Attributes xmlAttributes `xml:"SignatureAttributes"`
		Signer     *xmlSigner    `xml:"SignerInformation"`
		Process    string        `xml:"SignatureValidationProcess>SignatureValidationProcessID"`
		Status     xmlStatus     `xml:"SignatureValidationStatus"`
	}
	xmlIdentifier struct {
		ID          string `xml:"id,attr"`
		HashOnly    bool   `xml:"HashOnly"`
		DocHashOnly bool   `xml:"DocHashOnly"`
		Identifier  string `xml:"DAIdentifier"`
	}
	xmlTimes struct {
		Validation string `xml:"ValidationTime"`
		Best       xmlPOE `xml:"BestSignatureTime"`
	}
	xmlPOE struct {
		Time  string `xml:"POETime"`
		Proof string `xml:"TypeOfProof"`
	}
	xmlAttributes struct {
		SigningTime *xmlSigningTime `xml:"SigningTime"`
		Stamps      []xmlStamp      `xml:"SignatureTimeStamp"`
		Reason      string          `xml:"Reason,omitempty"`
		Name        string          `xml:"Name,omitempty"`
		ByteRange   string          `xml:"ByteRange,omitempty"`
	}
	xmlSigningTime struct {
		Signed bool   `xml:"Signed,attr"`
		Time   string `xml:"Time"`
	}
	xmlStamp struct {
		Time string `xml:"TimeStampValue"`
	}
	xmlSigner struct {
		Certificate xmlReference `xml:"SignerCertificate"`
		Name        string       `xml:"Signer"`
	}
	xmlReference struct {
		Object string `xml:"VOReference,attr"`
	}
	xmlStatus struct {
		Main    string      `xml:"MainIndication"`
		Sub     []string    `xml:"SubIndication,omitempty"`
		Details *xmlDetails `xml:"AssociatedValidationReportData"`
	}
	xmlDetails struct {
		Chain  *xmlChain    `xml:"CertificateChain"`
		Extra  []xmlMessage `xml:"AdditionalValidationReportData>ReportData,omitempty"`
		Crypto *xmlCrypto   `xml:"CryptoInformation"`
	}
	xmlMessage struct {
		Type  string `xml:"Type"`
		Value string `xml:"Value"`
	}
	xmlChain struct {
		Signing      xmlReference   `xml:"SigningCertificate"`
		Intermediate []xmlReference `xml:"IntermediateCertificate"`
		Anchor       *xmlReference  `xml:"TrustAnchor"`
	}
	xmlCrypto struct {
		Algorithm string `xml:"Algorithm"`
		Secure    bool   `xml:"SecureAlgorithm"`
	}
	xmlObject struct {
		ID     string `xml:"id,attr"`
		Type   string `xml:"ObjectType"`
		Base64 string `xml:"ValidationObjectRepresentation>base64,omitempty"`
	}
)

// WriteXML writes the report as an ETSI validation report (TS 119 102-2), for software that reads those. Reasons stand
// beside the status, in "vi" or "en". It names persons. A report of other software is not read.
func (r *Report) WriteXML(w io.Writer, lang string) error {
	out := xmlReport{DS: "http://www.w3.org/2000/09/xmldsig#"}
	seen := map[string]bool{}
	for i, s := range r.Signatures {
		out.Signatures = append(out.Signatures, s.asXML(r.At, i+1, lang))
		for _, kind := range []struct {
			name   string
			pieces [][]byte
		}{{"certificate", s.evidence.Certificates}, {"CRL", s.evidence.CRLs}, {"OCSPResponse", s.evidence.OCSPs}} {
			for _, der := range kind.pieces {
				sum := sha256.Sum256(der)
				id := "VO-" + hex.EncodeToString(sum[:])
				if !seen[id] {
					seen[id] = true
					out.Objects = append(out.Objects, xmlObject{id, "urn:etsi:019102:validationObject:" + kind.name,
						base64.StdEncoding.EncodeToString(der)})
				}
			}
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s Signature) asXML(at time.Time, number int, lang string) xmlSignature {
	const proof = "urn:etsi:019102:poetype:validation" // derived while validating
	stamp := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	x := xmlSignature{
		Identifier: xmlIdentifier{ID: fmt.Sprintf("S-%d", number), Identifier: s.Field},
		Time:       xmlTimes{stamp(at), xmlPOE{stamp(at), proof}},
		Process:    "urn:etsi:019102:validationprocess:LTA",
		Status:     xmlStatus{Main: uriOf("mainindication", string(s.Indication))},
	}
	if s.ProvenTime != nil {
		x.Time.Best = xmlPOE{stamp(*s.ProvenTime), proof}
	}
	if s.ClaimedTime != nil {
		x.Attributes.SigningTime = &xmlSigningTime{Time: stamp(*s.ClaimedTime)}
	}
	for _, t := range s.Timestamps {
		x.Attributes.Stamps = append(x.Attributes.Stamps, xmlStamp{stamp(t.Time)})
	}
	x.Attributes.Name, x.Attributes.Reason = s.Name, s.Why
	x.Attributes.ByteRange = strings.Trim(fmt.Sprint(s.ByteRange), "[]")
	if s.SubIndication != "" {
		x.Status.Sub = []string{uriOf("subindication", string(s.SubIndication))}
	}
	details := &xmlDetails{Crypto: &xmlCrypto{s.Algorithm + " " + s.Digest, !s.has("signature.algorithm")}}
	for _, reason := range slices.Concat(s.Reasons, s.Warnings) {
		details.Extra = append(details.Extra, xmlMessage{reason.Code, reason.Text(lang)})
	}
	x.Status.Details = details
	if s.Signer == nil {
		return x
	}
	ref := func(c Certificate) xmlReference { return xmlReference{"VO-" + c.SHA256} }
	x.Signer = &xmlSigner{ref(*s.Signer), s.Signer.CommonName}
	if len(s.Chain) > 0 {
		anchor := ref(s.Chain[len(s.Chain)-1])
		details.Chain = &xmlChain{Signing: ref(*s.Signer), Anchor: &anchor}
		for _, c := range s.Chain[:len(s.Chain)-1] {
			details.Chain.Intermediate = append(details.Chain.Intermediate, ref(c))
		}
	}
	return x
}

func (s Signature) has(code string) bool {
	for _, r := range s.Reasons {
		if r.Code == code {
			return true
		}
	}
	return false
}

// uriOf writes an indication as TS 119 102-2 spells it; sub-indications keep their capitals there.
func uriOf(kind, name string) string {
	if kind == "mainindication" {
		name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	}
	return "urn:etsi:019102:" + kind + ":" + name
}
