using System.Diagnostics;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// A shell that reads from this process what to kill and delete, and does it when its input ends: also when the test process was killed and none of
/// its code can run any more.
/// </summary>
public static class Reaper
{
    // INT and TERM reach the whole process group. They are ignored because an interrupted run needs the reaper most.
    private const string Script =
        """
        trap '' INT TERM HUP
        declare -A pids folders
        while read -r verb what; do
            case $verb in
                kill) pids[$what]=1 ;;
                spare) unset "pids[$what]" ;;
                delete) folders[$what]=1 ;;
            esac
        done
        for pid in "${!pids[@]}"; do kill -QUIT "$pid" 2> /dev/null; done
        sleep 0.3
        for pid in "${!pids[@]}"; do kill -KILL "$pid" 2> /dev/null; done
        for folder in "${!folders[@]}"; do rm -rf -- "$folder"; done
        """;

    private static readonly Lock Gate = new();

    private static readonly Lazy<StreamWriter> Orders = new(() =>
    {
        var start = new ProcessStartInfo("bash", ["-c", Script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!.StandardInput;
    });

    public static void Kill(Process process) => Order($"kill {process.Id}");

    /// <summary>Takes back the order to kill a process that has ended: another process may soon have its number.</summary>
    public static void Spare(int processId) => Order($"spare {processId}");

    public static string NewFolder(string purpose)
    {
        var folder = Directory.CreateTempSubdirectory($"opencrm-{purpose}-").FullName;
        Order($"delete {folder}");
        return folder;
    }

    private static void Order(string line)
    {
        lock (Gate)
        {
            Orders.Value.WriteLine(line);
            Orders.Value.Flush();
        }
    }
}
