using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Users.Import;

/// <summary>Raised after an import is started.</summary>
internal sealed class ImportSignal : WakeSignal;
