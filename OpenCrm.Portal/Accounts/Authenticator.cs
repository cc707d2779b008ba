namespace OpenCrm.Portal.Accounts;

/// <summary>The authenticator app of one user. Binding it to the user is called enrolment.</summary>
public sealed class Authenticator
{
    /// <summary>New with each enrolment, so that what began under an old enrolment ends with it.</summary>
    public Guid Id { get; init; }

    /// <summary>The key, encrypted for this user with the key ring.</summary>
    public required byte[] ProtectedKey { get; init; }

    /// <summary>The newest time step whose code was used. A code of this step or of an older one is refused for good (docs/spec.md 1.4).</summary>
    public long LastStep { get; set; }

    public DateTimeOffset SetUpAt { get; init; }

    public Guid SetUpById { get; init; }
}
