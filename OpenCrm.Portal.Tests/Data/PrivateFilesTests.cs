using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Testing;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>Only the owner can read the data folder and what is in it.</summary>
public sealed class PrivateFilesTests
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everybodys = OwnersFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    [Fact]
    public async Task A_new_folder_and_a_new_database_are_the_owner_s_alone()
    {
        if (OperatingSystem.IsWindows()) return;
        var node = Node(Path.Combine(Reaper.NewFolder("parent"), "data"));

        await node.OpenAsync();

        Assert.Equal(OwnersFolder, File.GetUnixFileMode(node.Folder));
        await using var context = node.Database.CreateContext();
        await using var open = context.Database.GetDbConnection();
        await open.OpenAsync();
        await using var reading = open.CreateCommand();
        reading.CommandText = "SELECT count(*) FROM \"Users\"";
        await reading.ExecuteScalarAsync();
        foreach (var file in Directory.GetFiles(node.Folder, "portal.db*")) Assert.Equal(OwnersFile, File.GetUnixFileMode(file));
        Assert.True(File.Exists(Path.Combine(node.Folder, "portal.db-wal")), "there is no write-ahead log to look at");
    }

    [Fact]
    public async Task What_an_older_version_left_open_is_closed_at_the_next_start_wherever_the_database_stands()
    {
        if (OperatingSystem.IsWindows()) return;
        var elsewhere = Path.Combine(Reaper.NewFolder("elsewhere"), "kept.db");
        var node = Node(Reaper.NewFolder("data")).With("ConnectionStrings:Portal", $"Data Source={elsewhere}");
        await node.OpenAsync();
        File.SetUnixFileMode(elsewhere, Everybodys);
        File.SetUnixFileMode(
            node.Folder,
            OwnersFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        await node.OpenAsync();

        Assert.Equal(OwnersFile, File.GetUnixFileMode(elsewhere));
        Assert.Equal(OwnersFolder, File.GetUnixFileMode(node.Folder));
    }

    [Fact]
    public async Task What_cannot_be_closed_is_left_as_it_is_and_told_in_the_log()
    {
        if (OperatingSystem.IsWindows()) return;
        var shared = Reaper.NewFolder("shared");
        File.SetUnixFileMode(shared, Everybodys | OwnersFolder | UnixFileMode.StickyBit);
        var before = File.GetUnixFileMode(shared);
        var log = new FakeLogger<ExposedFiles>();

        await new ExposedFiles(Folder(shared), log).StartAsync(CancellationToken.None);

        Assert.Equal(before, File.GetUnixFileMode(shared));
        var line = Assert.Single(log.Collector.GetSnapshot());
        Assert.Contains(shared, line.Message, StringComparison.Ordinal);
        Assert.Contains("Portal:DataFolder", line.Message, StringComparison.Ordinal);
    }

    private static DataFolder Folder(string path) =>
        new(new ConfigurationBuilder().AddInMemoryCollection([new("Portal:DataFolder", path)]).Build(), path);

    private static StartingNode Node(string folder) => new(new PortalSettings().ToConfiguration(folder, null));
}
