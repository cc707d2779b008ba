using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>
/// SQLite's index of fragments follows the table of users, whichever way a user is written. Red without the triggers of its migration.
/// </summary>
public sealed class UserSearchIndexTests
{
    [Fact]
    public async Task A_user_is_found_by_the_new_text_and_not_by_the_old_one_whichever_way_it_was_written()
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings());
        var units = portal.Services.GetRequiredService<UnitsOfWork>();
        await using (var work = await units.BeginAsync())
        {
            NewUsers.Add(work, "one.by.one", "Single Quince", "single@example.test", "x", systemAdministrator: false);
            await work.FlushAsync();
            await work.WriteAsync<PortalUser>([.. Enumerable.Range(0, 3).Select(i => New(work, $"bulk.{i}", $"Bulk Medlar {i}"))]);
            await work.CommitAsync();
        }
        Assert.Equal(["one.by.one"], await FoundAsync(units, "QUINCE"));
        Assert.Equal(["bulk.0", "bulk.1", "bulk.2"], await FoundAsync(units, "MEDLAR"));

        await using (var work = await units.BeginAsync())
        {
            var tracked = await work.Tracked<PortalUser>().SingleAsync(u => u.UserName == "one.by.one");
            (tracked.Name, tracked.NormalizedName) = ("Single Pear", PortalUser.NormalizedNameOf("Single Pear"));
            await work.Query<PortalUser>().Where(u => u.UserName == "bulk.1")
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.NormalizedEmail, "SORB@EXAMPLE.TEST"));
            await work.Query<PortalUser>().Where(u => u.UserName == "bulk.2").ExecuteDeleteAsync();
            await work.CommitAsync();
        }
        Assert.Empty(await FoundAsync(units, "QUINCE"));
        Assert.Equal(["one.by.one"], await FoundAsync(units, "LE PEA"));
        Assert.Equal(["bulk.1"], await FoundAsync(units, "SORB@"));
        Assert.Equal(["bulk.0", "bulk.1"], await FoundAsync(units, "MEDLAR"));

        // What is rolled back is not in the index either.
        await using (var work = await units.BeginAsync())
        {
            NewUsers.Add(work, "never", "Never Loquat", "never@example.test", "x", systemAdministrator: false);
            await work.FlushAsync();
        }
        Assert.Empty(await FoundAsync(units, "LOQUAT"));
    }

    /// <summary>Red where the index counts on the table's own row numbers, which are made anew here.</summary>
    [Fact]
    public async Task A_vacuumed_file_finds_the_same_users()
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings());
        var units = portal.Services.GetRequiredService<UnitsOfWork>();
        await using (var work = await units.BeginAsync())
        {
            await work.WriteAsync<PortalUser>([.. Enumerable.Range(0, 50).Select(i => New(work, $"bulk.{i:00}", $"Bulk Medlar {i:00}"))]);
            await work.Query<PortalUser>().Where(u => u.UserName!.StartsWith("bulk.1")).ExecuteDeleteAsync();
            await work.CommitAsync();
        }
        await using (var work = await units.ReadAsync()) await work.ExecuteAsync($"VACUUM");

        Assert.Equal(["bulk.33"], await FoundAsync(units, "LAR 33"));
        Assert.Empty(await FoundAsync(units, "LAR 13"));
    }

    [Theory]
    [InlineData("\""), InlineData("\" OR \""), InlineData("A* B"), InlineData("NOT"), InlineData("'; --"), InlineData("^AB"), InlineData("(((")]
    public async Task What_is_an_operator_elsewhere_is_text_here(string fragment)
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings());
        var units = portal.Services.GetRequiredService<UnitsOfWork>();
        await using (var work = await units.BeginAsync())
        {
            NewUsers.Add(work, "plain", "Plain", "plain@example.test", "x", systemAdministrator: false);
            NewUsers.Add(work, "odd", $"x{fragment}yz", "odd@example.test", "x", systemAdministrator: false);
            await work.CommitAsync();
        }

        Assert.Equal(["odd"], await FoundAsync(units, AccountName.Normalize($"x{fragment}y")));
    }

    [Fact]
    public async Task The_index_says_which_fragments_it_cannot_find_and_when_there_are_too_many()
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings());
        var units = portal.Services.GetRequiredService<UnitsOfWork>();
        await using (var work = await units.BeginAsync())
        {
            await work.WriteAsync<PortalUser>([.. Enumerable.Range(0, 5).Select(i => New(work, $"bulk.{i}", $"Bulk Medlar {i}"))]);
            await work.CommitAsync();
        }
        await using var read = await units.ReadAsync();

        Assert.False(read.UserSearch.Finds("ME"));
        // One character of two code units is one character.
        Assert.False(read.UserSearch.Finds("M\U0001F350"));
        Assert.True(read.UserSearch.Finds("MED"));
        Assert.NotNull(await read.UserSearch.FindFewAsync("MEDLAR", most: 5));
        Assert.Null(await read.UserSearch.FindFewAsync("MEDLAR", most: 4));
    }

    private static PortalUser New(UnitOfWork work, string username, string name) => new()
    {
        Id = Guid.CreateVersion7(work.Now),
        UserName = username,
        NormalizedUserName = AccountName.Normalize(username),
        Email = $"{username}@example.test",
        NormalizedEmail = AccountName.Normalize($"{username}@example.test"),
        Name = name,
        NormalizedName = PortalUser.NormalizedNameOf(name),
        SecurityStamp = "stamp",
        CreatedAt = work.Now,
    };

    private static async Task<List<string>> FoundAsync(UnitsOfWork units, string fragment)
    {
        await using var work = await units.ReadAsync();
        var few = (await work.UserSearch.FindFewAsync(fragment, most: 1_000))!;
        return await work.Query<PortalUser>().Where(u => few.Contains(u.Id)).Select(u => u.UserName!).OrderBy(name => name).ToListAsync();
    }
}
