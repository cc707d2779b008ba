using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>How giving a temporary code ended: a closed set.</summary>
public abstract record TemporaryCodeOutcome
{
    private TemporaryCodeOutcome() { }

    /// <param name="Code">Shown once; it is stored nowhere.</param>
    /// <param name="Until">Until when it works.</param>
    public sealed record Given(string Code, DateTimeOffset Until) : TemporaryCodeOutcome
    {
        /// <summary>Leaves out the code: a record prints all its properties, and so it would reach any log that prints the record.</summary>
        public override string ToString() => nameof(Given);
    }

    public sealed record NoSuchUser : TemporaryCodeOutcome;

    /// <summary>Nobody gives a code to themselves.</summary>
    public sealed record OwnAccount : TemporaryCodeOutcome;

    /// <summary>The person does not use MFA: there is nothing that a code could stand in for.</summary>
    public sealed record NotEnrolled : TemporaryCodeOutcome;

    /// <summary>The account is inactive or locked; a code does not unlock it.</summary>
    public sealed record NotActive : TemporaryCodeOutcome;

    /// <summary>The giver does not use MFA.</summary>
    public sealed record GiverNotEnrolled : TemporaryCodeOutcome;

    /// <summary>A fresh proof of the giver is needed first, with a code.</summary>
    public sealed record StepUpNeeded(StepUpNeed Need) : TemporaryCodeOutcome;

    /// <summary>It would work shorter than <see cref="TemporaryCodes.Shortest"/> or longer than <see cref="TemporaryCodes.Longest"/>.</summary>
    public sealed record LifetimeInvalid : TemporaryCodeOutcome;

    /// <summary>The giver has given <see cref="TemporaryCodes.MostOfGiver"/> within an hour.</summary>
    public sealed record TooMany : TemporaryCodeOutcome;
}

/// <summary>
/// Gives a temporary code to another person who uses MFA and has no device at hand (docs/spec.md 11.5). The giver is a system administrator who uses
/// MFA too, is not on hold, and has just proved it with a code.
/// </summary>
public sealed class TemporaryCodeGiving(UnitsOfWork units, CurrentCaller currentCaller)
{
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    /// <exception cref="RecoveryHoldException">The caller is on hold.</exception>
    public async Task<TemporaryCodeOutcome> GiveAsync(Guid userId, TimeSpan lifetime, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        if (await work.Users.HoldAsync(userId, cancel) is not { } user) return new TemporaryCodeOutcome.NoSuchUser();
        // Checked again: an administrator who was locked or lost the role while waiting for the row must not act.
        var giver = await currentCaller.RequireAdministratorAsync(work, cancel);
        if (user.Id == giver.UserId) return new TemporaryCodeOutcome.OwnAccount();
        if (lifetime < TemporaryCodes.Shortest || lifetime > TemporaryCodes.Longest) return new TemporaryCodeOutcome.LifetimeInvalid();
        var settings = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        if (user.SecondFactor(settings) is not SecondFactor.Due) return new TemporaryCodeOutcome.NotEnrolled();
        if (user.StatusAt(work.Now) is not AccountStatus.Active) return new TemporaryCodeOutcome.NotActive();
        if ((await work.Users.FindAsync(giver.UserId, cancel))!.SecondFactor(settings) is not SecondFactor.Due)
            return new TemporaryCodeOutcome.GiverNotEnrolled();
        if (!giver.ProvedRecently(work.Now)) return new TemporaryCodeOutcome.StepUpNeeded(new StepUpNeed.PasswordAndCode());
        if (!await work.Addresses.ReserveAsync(
            $"temporary codes of {giver.UserId}", TemporaryCodes.MostOfGiver, TemporaryCodes.Window, work.Now, cancel))
        {
            return new TemporaryCodeOutcome.TooMany();
        }
        var (code, until) = await TemporaryCodes.GiveAsync(work, user, lifetime, giver, cancel);
        await work.CommitAsync(cancel);
        return new TemporaryCodeOutcome.Given(CrockfordCode.Grouped(code), until);
    }
}
