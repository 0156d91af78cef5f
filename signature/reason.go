package signature

// Indication is the verdict of ETSI EN 319 102-1, 5.1.3.
type Indication string

// Indications. NoSignatureFound is a document's, never a signature's.
const (
	TotalPassed      Indication = "TOTAL_PASSED"
	Indeterminate    Indication = "INDETERMINATE"
	TotalFailed      Indication = "TOTAL_FAILED"
	NoSignatureFound Indication = "NO_SIGNATURE_FOUND"
)

var indicationTexts = map[Indication][2]string{
	TotalPassed:      {"Chữ ký số hợp lệ", "The signature is valid"},
	Indeterminate:    {"Chưa đủ căn cứ kết luận chữ ký số hợp lệ", "It cannot be said that the signature is valid"},
	TotalFailed:      {"Chữ ký số không hợp lệ", "The signature is not valid"},
	NoSignatureFound: {"Tài liệu không có chữ ký số", "The document has no signature"},
}

// Text returns the verdict in words, in "vi" or "en".
func (i Indication) Text(lang string) string { return pick(indicationTexts[i], lang) }

// worse orders verdicts.
func (i Indication) rank() int {
	switch i {
	case TotalPassed:
		return 0
	case Indeterminate:
		return 1
	}
	return 2
}

// SubIndication says why a verdict is not TOTAL_PASSED, in the words of EN 319 102-1.
type SubIndication string

// Sub-indications that this package gives.
const (
	FormatFailure            SubIndication = "FORMAT_FAILURE"
	HashFailure              SubIndication = "HASH_FAILURE"
	CryptoFailure            SubIndication = "SIG_CRYPTO_FAILURE"
	ConstraintsFailure       SubIndication = "SIG_CONSTRAINTS_FAILURE"
	ChainConstraintsFailure  SubIndication = "CHAIN_CONSTRAINTS_FAILURE"
	ChainGeneralFailure      SubIndication = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
	AlgorithmFailureNoPOE    SubIndication = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
	NoSigningCertificate     SubIndication = "NO_SIGNING_CERTIFICATE_FOUND"
	NoChainFound             SubIndication = "NO_CERTIFICATE_CHAIN_FOUND"
	OutOfBoundsNoPOE         SubIndication = "OUT_OF_BOUNDS_NO_POE"
	TryLater                 SubIndication = "TRY_LATER"
	RevokedCertificate       SubIndication = "REVOKED"
	RevokedNoPOE             SubIndication = "REVOKED_NO_POE"
	RevokedCANoPOE           SubIndication = "REVOKED_CA_NO_POE"
	TimestampOrderFailure    SubIndication = "TIMESTAMP_ORDER_FAILURE"
	SignatureProcessingError SubIndication = "POLICY_PROCESSING_ERROR"
)

// Reason is one finding about a signature. Its code is stable; its texts may be reworded.
type Reason struct {
	Code string `json:"code"`
	// SubIndication is empty for warnings.
	SubIndication SubIndication `json:"subIndication,omitempty"`
	Vi            string        `json:"vi"`
	En            string        `json:"en"`
	// Objects are the numbers of the PDF objects concerned.
	Objects []int `json:"objects,omitempty"`

	indication Indication
}

// Text returns the finding in "vi" or "en".
func (r Reason) Text(lang string) string { return pick([2]string{r.Vi, r.En}, lang) }

func pick(text [2]string, lang string) string {
	if lang == "en" {
		return text[1]
	}
	return text[0]
}

// finding is a row of the catalogue of reasons.
type finding struct {
	indication Indication
	sub        SubIndication
	vi, en     string
}

// reason makes a Reason from the catalogue.
func reason(code string, objects ...int) Reason {
	f := findings[code]
	return Reason{Code: code, SubIndication: f.sub, Vi: f.vi, En: f.en, Objects: objects, indication: f.indication}
}

// findings is the catalogue: every code, what it does to the verdict, and its words. A warning has no indication.
var findings = map[string]finding{
	"signature.unreadable": {TotalFailed, FormatFailure,
		"Không đọc được dữ liệu chữ ký số.",
		"The signature's data cannot be read."},
	"signature.byte-range": {TotalFailed, FormatFailure,
		"Phạm vi được ký không phủ đúng toàn bộ tài liệu, trừ chữ ký.",
		"The signed range is not exactly the document without the signature."},
	"signature.shared": {TotalFailed, FormatFailure,
		"Nhiều trường chữ ký dùng chung một chữ ký số.",
		"Several signature fields share one signature."},
	"signature.kind": {Indeterminate, SignatureProcessingError,
		"Loại chữ ký này chưa được hỗ trợ kiểm tra.",
		"This kind of signature is not supported."},
	"signature.message": {TotalFailed, FormatFailure,
		"Nội dung chữ ký số sai định dạng CMS.",
		"The signature is not a well-formed CMS message."},
	"signature.signers": {TotalFailed, FormatFailure,
		"Chữ ký số phải có đúng một người ký.",
		"The signature does not have exactly one signer."},
	"signature.attributes": {TotalFailed, FormatFailure,
		"Thuộc tính được ký bị thiếu, bị lặp hoặc mâu thuẫn.",
		"The signed attributes are missing, repeated or contradictory."},
	"signature.algorithm": {Indeterminate, AlgorithmFailureNoPOE,
		"Thuật toán ký không được hỗ trợ hoặc không còn an toàn tại thời điểm kiểm tra.",
		"The signature algorithm is not supported, or no longer accepted at the time of judgement."},
	"signature.content": {TotalFailed, HashFailure,
		"Nội dung tài liệu đã bị thay đổi so với lúc ký.",
		"The document is not the one that was signed."},
	"signature.value": {TotalFailed, CryptoFailure,
		"Giá trị chữ ký không khớp với chứng thư số của người ký.",
		"The signature does not fit the signer's certificate."},
	"signature.binding": {Indeterminate, NoSigningCertificate,
		"Chữ ký số tham chiếu đến một chứng thư số khác.",
		"The signature refers to another certificate."},
	"signature.unbound": {Indeterminate, ConstraintsFailure,
		"Chữ ký PAdES thiếu tham chiếu đến chứng thư số của người ký.",
		"A PAdES signature must refer to the signer's certificate."},
	"signature.claimed-time": {Indeterminate, ConstraintsFailure,
		"Thời điểm ký ghi trong tài liệu muộn hơn thời điểm kiểm tra.",
		"The claimed time of signing is later than the time of judgement."},
	"signature.no-time": {"", "",
		"Tài liệu không ghi thời điểm ký.",
		"The document does not say when it was signed."},
	"signature.time-not-proven": {"", "",
		"Thời điểm ký do người ký tự khai, chưa có dấu thời gian chứng minh.",
		"The time of signing is the signer's claim; no time stamp proves it."},
	"signature.policy": {"", "",
		"Người ký nêu một chính sách ký; việc kiểm tra này không áp dụng chính sách đó.",
		"The signer names a signature policy; this verification did not apply it."},
	"signature.content-timestamp": {"", "",
		"Dấu thời gian của nội dung trong chữ ký không được xác nhận, nên không dùng làm căn cứ.",
		"A time stamp over the content, in the signature, could not be confirmed, so it proves nothing."},
	"signature.younger": {Indeterminate, TimestampOrderFailure,
		"Chữ ký được tạo sau một dấu thời gian muộn hơn các mốc thời gian khác.",
		"The signature was made after a time stamp that is later than what else is known about its time."},
	"signature.level": {"", "",
		"Chữ ký không theo chuẩn PAdES (ETSI EN 319 142-1).",
		"The signature does not follow PAdES (ETSI EN 319 142-1)."},
	"certificate.missing": {Indeterminate, NoSigningCertificate,
		"Không tìm thấy chứng thư số của người ký.",
		"The signer's certificate is not there."},
	"certificate.untrusted": {Indeterminate, NoChainFound,
		"Chứng thư số của người ký không dẫn đến tổ chức chứng thực gốc được tin cậy.",
		"The signer's certificate does not lead to a trusted root authority."},
	"certificate.chain": {Indeterminate, ChainGeneralFailure,
		"Chuỗi chứng thư số không hợp lệ.",
		"The certificate chain is not valid."},
	"certificate.chain-expired": {Indeterminate, OutOfBoundsNoPOE,
		"Chứng thư số của tổ chức cấp phát không còn hiệu lực tại thời điểm kiểm tra.",
		"An issuer's certificate is not valid at the time of judgement."},
	"certificate.expired": {Indeterminate, OutOfBoundsNoPOE,
		"Chứng thư số của người ký đã hết hạn tại thời điểm kiểm tra.",
		"The signer's certificate has expired at the time of judgement."},
	"certificate.not-yet-valid": {Indeterminate, OutOfBoundsNoPOE,
		"Chứng thư số của người ký chưa có hiệu lực tại thời điểm kiểm tra.",
		"The signer's certificate is not valid yet at the time of judgement."},
	"certificate.claimed-time": {Indeterminate, OutOfBoundsNoPOE,
		"Thời điểm ký ghi trong tài liệu nằm ngoài thời hạn của chứng thư số.",
		"The claimed time of signing lies outside the certificate's validity."},
	"certificate.usage": {Indeterminate, ChainConstraintsFailure,
		"Chứng thư số không được cấp để ký tài liệu.",
		"The certificate was not issued for signing documents."},
	"certificate.revocation-unknown": {Indeterminate, TryLater,
		"Chưa kiểm tra được chứng thư số có bị thu hồi hoặc tạm dừng hay không.",
		"It could not be checked whether the certificate is revoked or suspended."},
	"certificate.revocation-unnamed": {"", "",
		"Cảnh báo: chứng thư số không ghi nơi tra cứu tình trạng thu hồi, nên chưa kiểm tra được.",
		"Warning: the certificate does not say where to ask about revocation, so it could not be checked."},
	"certificate.revocation-not-checked": {"", "",
		"Cảnh báo: không kiểm tra tình trạng thu hồi của chứng thư số (theo chính sách đã chọn).",
		"Warning: revocation was not checked, as the policy accepts."},
	"certificate.revoked-no-poe": {Indeterminate, RevokedNoPOE,
		"Chứng thư số của người ký đã bị thu hồi và không có bằng chứng chữ ký được tạo trước khi thu hồi.",
		"The signer's certificate is revoked, and nothing proves that the signature is older than the revocation."},
	"certificate.revoked": {TotalFailed, RevokedCertificate,
		"Chữ ký được tạo sau khi chứng thư số của người ký đã bị thu hồi.",
		"The signature was made after the signer's certificate had been revoked."},
	"certificate.on-hold": {Indeterminate, TryLater,
		"Chứng thư số đang bị tạm dừng tại thời điểm ký hoặc thời điểm kiểm tra.",
		"The certificate was suspended at the time in question."},
	"certificate.ca-revoked": {Indeterminate, RevokedCANoPOE,
		"Chứng thư số của tổ chức cấp phát đã bị thu hồi.",
		"The certificate of an issuing authority is revoked."},
	"certificate.role": {Indeterminate, ChainConstraintsFailure,
		"Tổ chức chứng thực gốc được tin cậy nhưng không dùng cho mục đích này hoặc tại thời điểm này.",
		"The root authority is trusted, but not for this purpose or not at this time."},
	"certificate.period": {"", "",
		"Chứng thư số công cộng được cấp với thời hạn dài hơn 3 năm (Nghị định 23/2025/NĐ-CP).",
		"The public certificate was issued for more than three years (Decree 23/2025/NĐ-CP)."},
	"certificate.unreadable": {"", "",
		"Tài liệu mang theo chứng thư số không đọc được.",
		"The document carries a certificate that cannot be read."},
	"certificate.stray": {"", "",
		"Tài liệu mang theo chứng thư số không được chứng thư số nào khác xác nhận: chữ ký trên đó sai, hoặc không có bên cấp phát.",
		"The document carries a certificate that nothing vouches for: its own signature does not hold, or its issuer is not there."},
	"evidence.unreadable": {"", "",
		"Tài liệu mang theo dữ liệu về tình trạng thu hồi không đọc được.",
		"The document carries revocation data that cannot be read."},
	"evidence.stray": {"", "",
		"Tài liệu mang theo dữ liệu về tình trạng thu hồi mà chữ ký trên đó không xác nhận được.",
		"The document carries revocation data whose own signature does not hold, or whose issuer is not there."},
	"timestamp.imprint": {TotalFailed, HashFailure,
		"Dấu thời gian không thuộc về chữ ký hoặc tài liệu này.",
		"The time stamp was made for something else."},
	"timestamp.certificate": {Indeterminate, NoSigningCertificate,
		"Không tìm thấy chứng thư số của tổ chức cấp dấu thời gian.",
		"The time-stamp authority's certificate is not there."},
	"timestamp.value": {TotalFailed, CryptoFailure,
		"Chữ ký của tổ chức cấp dấu thời gian không đúng.",
		"The time-stamp authority's signature does not fit."},
	"timestamp.usage": {Indeterminate, ChainConstraintsFailure,
		"Chứng thư số không được cấp để đóng dấu thời gian.",
		"The certificate was not issued for time stamps."},
	"timestamp.order": {Indeterminate, TimestampOrderFailure,
		"Thời điểm trong dấu thời gian mâu thuẫn với các mốc thời gian khác.",
		"The time stamp's time contradicts what else is known about time."},
	"timestamp.algorithm": {Indeterminate, AlgorithmFailureNoPOE,
		"Thuật toán của dấu thời gian không được chấp nhận.",
		"The time stamp's algorithm is not accepted."},
	"timestamp.expired": {Indeterminate, OutOfBoundsNoPOE,
		"Chứng thư số của tổ chức cấp dấu thời gian đã hết hạn mà dấu thời gian chưa được gia hạn.",
		"The time-stamp authority's certificate has expired, and no later time stamp renewed this one."},
	"timestamp.failed": {"", "",
		"Chữ ký mang một dấu thời gian giả hoặc không thuộc về nó; dấu đó không được tính.",
		"The signature carries a time stamp that is forged or not its own; it is left out."},
	"timestamp.unreadable": {"", "",
		"Không đọc được dấu thời gian của chữ ký.",
		"The signature's time stamp cannot be read."},
	"timestamp.not-trusted": {"", "",
		"Dấu thời gian của chữ ký chưa được xác nhận, nên không dùng làm căn cứ.",
		"The signature's time stamp could not be confirmed, so it proves nothing."},
	"signature.claimed-later": {"", "",
		"Thời điểm ký tự khai muộn hơn thời điểm trong dấu thời gian.",
		"The claimed time of signing is later than the time stamp."},
	"document.later-timestamp": {"", "",
		"Tài liệu có thêm một dấu thời gian chưa được xác nhận.",
		"A document time stamp was added that could not be confirmed."},
	"document.changed": {TotalFailed, FormatFailure,
		"Tài liệu đã bị sửa sau khi ký.",
		"The document was changed after it was signed."},
	"document.form-changed": {Indeterminate, FormatFailure,
		"Biểu mẫu hoặc chú thích trong tài liệu đã thay đổi sau khi ký.",
		"Form fields or annotations were changed after the document was signed."},
	"document.information-changed": {Indeterminate, FormatFailure,
		"Thông tin mô tả của tài liệu đã thay đổi sau khi ký.",
		"The document's information was changed after it was signed."},
	"document.field-locked": {TotalFailed, ConstraintsFailure,
		"Trường biểu mẫu đã bị người ký khóa nhưng vẫn bị sửa sau khi ký.",
		"A form field was changed although the signer had locked it."},
	"signature.certification": {TotalFailed, ConstraintsFailure,
		"Chữ ký chứng nhận tài liệu được gắn sai quy định: không phải chữ ký đầu tiên hoặc không nhất quán.",
		"The certifying signature is not the first of the document, or contradicts it."},
	"signature.certification-unnamed": {"", "",
		"Tài liệu không ghi nhận chữ ký chứng nhận trong mục quyền hạn.",
		"The document's permissions do not name its certifying signature."},
	"document.locked": {TotalFailed, ConstraintsFailure,
		"Tài liệu bị bổ sung trong khi người ký đã khóa mọi thay đổi.",
		"The document was extended although its signer had locked it."},
	"document.repaired": {Indeterminate, FormatFailure,
		"Cấu trúc tệp bị hỏng; tệp chỉ đọc được bằng cách dò tìm, nên phần mềm khác có thể hiển thị nội dung khác.",
		"The file is damaged and was read by guessing; other software may show something else."},
	"document.trailing": {Indeterminate, FormatFailure,
		"Có dữ liệu lạ được nối vào cuối tệp sau khi ký.",
		"Data that belongs to nothing was appended after the signature."},
	"document.unlisted": {Indeterminate, FormatFailure,
		"Sau khi ký, tệp có thêm đối tượng ẩn không nằm trong bảng tham chiếu.",
		"Objects that the cross-reference does not list were appended after the signature."},
	"document.revision": {Indeterminate, FormatFailure,
		"Không đọc được tài liệu như tại thời điểm ký.",
		"The document as it was signed cannot be read."},
	"document.later-signature": {Indeterminate, ConstraintsFailure,
		"Sau chữ ký này có chữ ký khác không hợp lệ được thêm vào.",
		"A later signature was added that is not valid itself."},
	"document.unsigned-field": {"", "",
		"Tài liệu còn trường chữ ký chưa được ký.",
		"The document has a signature field that is not signed."},
}
