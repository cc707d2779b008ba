using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Setup;

/// <summary>What is typed on the set-up page or given by the settings <c>Setup:*</c>.</summary>
public sealed record SetUpRequest(string CompanyName, string? PublicUrl, string Username, string Email, string Password)
{
    /// <summary>Leaves out the password: a record prints all its properties, and so it would reach any log that prints the record.</summary>
    public override string ToString() => $"Set-up of {Username}";
}

/// <summary>How set-up ended: a closed set.</summary>
public abstract record SetUpOutcome
{
    private SetUpOutcome() { }

    public sealed record Done : SetUpOutcome;

    public sealed record WrongCode : SetUpOutcome;

    public sealed record TooManyTries : SetUpOutcome;

    /// <summary>Somebody else was first: there is an administrator already.</summary>
    public sealed record DoneAlready : SetUpOutcome;

    public sealed record Invalid(
        bool CompanyName, bool PublicUrl, IReadOnlyList<UserFault> User, IReadOnlyList<PasswordFault> Password) : SetUpOutcome;
}

/// <summary>Makes the first system administrator, once and for all (docs/spec.md 8.1).</summary>
public sealed class PortalSetUp(UnitsOfWork units, PasswordHashing hashing, PublicAddress address, Refusals refusals, SetupCodeFile file)
{
    private const int TriesAMinute = 10;
    private volatile bool _done;

    /// <summary>The configured <c>Portal:PublicUrl</c>, which wins over what is typed; null if it is not configured.</summary>
    public string? ConfiguredAddress => address.Configured;

    /// <summary>Whether set-up is done. Once true it stays true, and the page is gone for good.</summary>
    public async Task<bool> IsDoneAsync(CancellationToken cancel = default)
    {
        if (_done) return true;
        if ((await units.ReadSettingsAsync<GeneralSettings>(cancel)).SetUpAt is null) return false;
        // Another node or a command may have done it: each node removes the file of its own folder.
        file.Remove();
        return _done = true;
    }

    /// <summary>Makes a new code for console and file; older ones become invalid. Null once the portal is set up.</summary>
    public async Task<string?> CreateCodeAsync(CancellationToken cancel = default)
    {
        if (await IsDoneAsync(cancel)) return null;
        var code = SetupCode.Generate();
        await using var work = await units.BeginAsync(cancel);
        // The settings' row is held, so that nodes that start at the same time replace the code one after the other.
        var held = await work.Query<GeneralSettings>().Where(s => s.SetUpAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.SetUpAt, s => s.SetUpAt), cancel);
        if (held != 1) return null;
        await work.Query<SetupCode>().ExecuteDeleteAsync(cancel);
        work.Add(new SetupCode { Hash = SetupCode.HashOf(code), CreatedAt = work.Now });
        await work.CommitAsync(cancel);
        return code;
    }

    /// <summary>Sets the portal up from the page, for anybody who has the code.</summary>
    public async Task<SetUpOutcome> SetUpWithCodeAsync(string code, SetUpRequest request, string? address, CancellationToken cancel = default)
    {
        if (await EvaluateAsync(request, cancel) is { } invalid) return invalid;
        await using (var tries = await units.BeginAsync(cancel))
        {
            // One limit for all visitors together, because they all guess the same code.
            if (!await tries.Addresses.ReserveAsync("set-up", TriesAMinute, TimeSpan.FromMinutes(1), tries.Now, cancel))
            {
                refusals.Note(RefusalKind.SetUpLimit, null, address, $"{TriesAMinute} in a minute");
                return new SetUpOutcome.TooManyTries();
            }
            await tries.CommitAsync(cancel);
        }
        var hash = SetupCode.HashOf(code);
        var visitor = new Caller.Nobody { Address = address };
        var outcome = await CreateAsync(request, "set-up page", visitor,
            async work => await work.Query<SetupCode>().Where(c => c.Hash == hash).ExecuteDeleteAsync(cancel) == 1, cancel);
        if (outcome is not SetUpOutcome.WrongCode) return outcome;
        await using var wrong = await units.BeginAsync(cancel);
        wrong.Record(new AuditEvent.WrongSetupCode(), visitor);
        await wrong.CommitAsync(cancel);
        return outcome;
    }

    /// <summary>Sets the portal up without a person, from the settings <c>Setup:*</c> or the server's own command line.</summary>
    public async Task<SetUpOutcome> SetUpUnattendedAsync(SetUpRequest request, string how, CancellationToken cancel = default) =>
        await EvaluateAsync(request, cancel) is { } invalid
            ? invalid
            : await CreateAsync(request, how, new Caller.Console(), _ => Task.FromResult(true), cancel);

    private async Task<SetUpOutcome> CreateAsync(
        SetUpRequest request, string how, Caller by, Func<UnitOfWork, Task<bool>> proof, CancellationToken cancel)
    {
        var hash = await hashing.HashAsync(request.Password, cancel);
        await using var work = await units.BeginAsync(cancel);
        if (!await work.Administrators.ClaimSetUpAsync(work.Now, cancel)) return new SetUpOutcome.DoneAlready();
        if (!await proof(work)) return new SetUpOutcome.WrongCode();
        await work.Query<SetupCode>().ExecuteDeleteAsync(cancel);
        await work.Query<GeneralSettings>().ExecuteUpdateAsync(set => set
            .SetProperty(s => s.CompanyName, request.CompanyName)
            .SetProperty(s => s.PublicUrl, request.PublicUrl == null ? null : request.PublicUrl.TrimEnd('/')), cancel);
        var user = NewUsers.Add(work, request.Username, request.Username, request.Email, hash, systemAdministrator: true);
        work.Record(new AuditEvent.PortalSetUp(user.Id, how), by);
        await work.CommitAsync(cancel);
        file.Remove();
        _done = true;
        return new SetUpOutcome.Done();
    }

    private async Task<SetUpOutcome.Invalid?> EvaluateAsync(SetUpRequest request, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        var policy = await work.ReadSettingsAsync<PasswordPolicySettings>(cancel);
        var company = request.CompanyName.Length is 0 or > GeneralSettings.CompanyNameLength || !IncomingText.IsLine(request.CompanyName);
        var url = address.Configured is null && request.PublicUrl is not null && !PublicAddress.IsValid(request.PublicUrl);
        var user = NewUsers.Evaluate(request.Username, request.Username, request.Email);
        var password = PasswordPolicy.Evaluate(request.Password, request.Username, request.Email, policy);
        return company || url || user.Count > 0 || password.Count > 0 ? new(company, url, user, password) : null;
    }
}
